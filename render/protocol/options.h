// What a rendering can be told. The same options, the same input and the software encoder give the same bytes.
//
// Threads: values.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

#include "render/protocol/formats.h"

namespace vivid::render {

enum class HardwareMode { required, if_possible, never };

// How the MP4 carries its captions; captions.vtt is written in every case.
enum class CaptionMode {
  off,       // not at all
  track,     // as a track that the viewer may switch on
  shown,     // as a track that players show by themselves
  burnt_in,  // not as a track, but as part of the picture
};

inline constexpr int kMostKeyframeSeconds = 60;
// What font_scale may be: below it text is hard to read, above it a slide holds hardly any.
inline constexpr double kMinFontScale = 0.75;
inline constexpr double kMaxFontScale = 2.0;

// What sets TeX. Where it does not run, equations are shown as text, with a warning.
struct EquationOptions {
  std::string command = "node";   // Node.js, as a path or a name in PATH; empty: equations are shown as text
  std::filesystem::path package;  // holds typeset.cjs and what it needs; empty: the one beside the program
  std::filesystem::path cache;    // what was set once; empty: kept for the job only
  std::chrono::milliseconds time_limit{10'000};  // for all equations of a lesson
};

// Where spans of videos and finished sound are kept once they are encoded.
struct SpanCacheSettings {
  std::filesystem::path directory;  // empty: nothing is kept
  std::uint64_t max_bytes = std::uint64_t{8} << 30;
};

// What NVENC encodes with. The defaults suit lessons: see docs/gpu.md.
struct NvencOptions {
  std::string preset = "p5";      // p1 (fast) … p7 (small)
  int cq = 0;                     // 1 (best) … 51; 0: as crf
  int max_rate_bps = 12'000'000;  // whatever the quality asked for would take
  int aq_strength = 8;            // 1 … 15: how much finer flat areas are quantised than busy ones; 0: the same
  int look_ahead = 16;            // pictures; 0: none
};

struct RenderOptions {
  int width_px = 1920;
  int height_px = 1080;
  int frames_per_second = 30;
  // auto, or a name libavcodec knows: libx264, h264_nvenc …
  std::string encoder = "auto";
  HardwareMode hardware = HardwareMode::if_possible;
  std::string preset = "veryfast";  // libx264's
  int crf = 20;                     // 0 (lossless) … 51
  int keyframe_seconds = 5;         // at most so far apart are the places where playing can start
  // Frames that only repeat the one before are not encoded again.
  bool hold_still_frames = true;
  int encoder_threads = 2;  // fixed, not the machine's: the bytes depend on it
  // Spans of a video that are encoded side by side, at most; 0: as many as is fastest here without taking more memory
  // than one encoder of the whole video would. The bytes do not depend on it.
  int parallel_spans = 0;
  SpanCacheSettings span_cache;
  NvencOptions nvenc;
  // Why no device may be used for this rendering although the options would allow it; empty: it may.
  std::string hardware_refused;
  std::string speech = "espeak";  // espeak, none
  int words_per_minute = 165;
  std::string watermark;  // empty: none
  // At the lower edge of every picture: how far the lesson has come, with a part for each scene.
  bool progress_line = false;
  // Files that scripts may name live below it; empty: none may be named.
  std::filesystem::path asset_root;
  // Stills are results of their own (modality images).
  bool scene_images = false;
  // Text and lines at a contrast of 7:1 or better, decoration toned down.
  bool high_contrast = false;
  // Every text size times it, before text is fitted: kMinFontScale … kMaxFontScale.
  double font_scale = 1.0;
  CaptionMode captions = CaptionMode::track;
  // What is to be seen is told in a second sound track; where the narration leaves no time for it, the lesson waits.
  bool audio_descriptions = false;
  // The language of a script that names none, as a BCP 47 tag; empty: English.
  std::string language;
  // The speech engine's name of a voice; empty: by language.
  std::string voice;
  // Music under the voice: a file below asset_root, named as an input names files; empty: none. An input's own choice
  // comes first, and "none" is one.
  std::string music;
  Formats formats = Formats::usual();
  EquationOptions equations;
};

}  // namespace vivid::render
