// What a rendering can be told. The same options, the same input and the software encoder give the same bytes.
//
// Threads: values.
#pragma once

#include <filesystem>
#include <string>

namespace vivid::render {

enum class HardwareMode { required, if_possible, never };

struct RenderOptions {
  int width_px = 1920;
  int height_px = 1080;
  int frames_per_second = 30;
  // auto, or a name libavcodec knows: libx264, h264_nvenc …
  std::string encoder = "auto";
  HardwareMode hardware = HardwareMode::if_possible;
  std::string preset = "veryfast";  // libx264's
  int crf = 20;                     // 0 (lossless) … 51
  int encoder_threads = 2;          // fixed, not the machine's: the bytes depend on it
  std::string speech = "espeak";    // espeak, none
  int words_per_minute = 165;
  std::string watermark;  // empty: none
  // Files that scripts may name live below it; empty: none may be named.
  std::filesystem::path asset_root;
  // Stills are results of their own (modality images).
  bool scene_images = false;
};

}  // namespace vivid::render
