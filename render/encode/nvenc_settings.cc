#include "render/encode/nvenc_settings.h"

#include <string>

namespace vivid::render {
namespace {

const char* profile_of(std::string_view encoder) {
  if (encoder == "h264_nvenc") return "high";
  return encoder == "hevc_nvenc" ? "main" : nullptr;
}

// As good as asked for, whatever that takes, up to the cap. A target of 0 would mean "as you like" to NVENC.
void set_quality(const RenderOptions& options, AVCodecContext& codec, av::Dictionary& settings) {
  if (options.crf == 0) {
    settings.set("tune", "lossless");
    return;
  }
  settings.set("tune", "hq");
  settings.set("rc", "vbr");
  settings.set("b", "0");
  settings.set("cq", std::to_string(options.nvenc.cq > 0 ? options.nvenc.cq : options.crf).c_str());
  codec.rc_max_rate = options.nvenc.max_rate_bps;
  if (options.nvenc.aq_strength > 0) {
    settings.set("spatial-aq", "1");
    settings.set("aq-strength", std::to_string(options.nvenc.aq_strength).c_str());
  }
  if (options.nvenc.look_ahead > 0) {
    settings.set("rc-lookahead", std::to_string(options.nvenc.look_ahead).c_str());
    // Where playing can start is planned; pictures that it makes independent besides would only cost.
    settings.set("no-scenecut", "1");
  }
}

}  // namespace

void set_nvenc_options(std::string_view encoder, const RenderOptions& options, bool splicing, AVCodecContext& codec,
                       av::Dictionary& settings) {
  if (const char* profile = profile_of(encoder)) settings.set("profile", profile);
  settings.set("preset", options.nvenc.preset.c_str());
  // A picture that must stand on its own has to be one at which decoding can start.
  settings.set("forced-idr", "1");
  if (splicing) {
    settings.set("bf", "0");
    settings.set("aud", "0");
  }
  set_quality(options, codec, settings);
}

}  // namespace vivid::render
