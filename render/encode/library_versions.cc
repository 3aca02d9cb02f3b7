#include "render/encode/library_versions.h"

#include "render/encode/av.h"
#include "render/encode/video_encoder.h"

namespace vivid::render {
namespace {

constexpr int kProbeSidePx = 64;

std::string dotted(unsigned version) {
  return std::to_string(AV_VERSION_MAJOR(version)) + "." + std::to_string(AV_VERSION_MINOR(version)) + "." +
         std::to_string(AV_VERSION_MICRO(version));
}

// x264 tells its version only in the streams it writes: one small picture is enough.
std::string version_of_x264() {
  RenderOptions options;
  options.width_px = kProbeSidePx;
  options.height_px = kProbeSidePx;
  options.encoder_threads = 1;
  auto encoder = VideoEncoder::open("libx264", options);
  if (!encoder.has_value()) return "none";
  const std::vector<std::uint8_t> plane(static_cast<std::size_t>(kProbeSidePx) * kProbeSidePx, 128);
  const YuvView picture{{plane.data(), plane.data(), plane.data()},
                        {kProbeSidePx, kProbeSidePx / 2, kProbeSidePx / 2},
                        kProbeSidePx,
                        kProbeSidePx};
  const PacketSink drop = [](AVPacket&) { return Status{}; };
  const Status encoded = (*encoder)->encode(0, ComposedFrame{picture, false}, drop);
  if (!encoded.has_value() || !(*encoder)->finish(drop).has_value()) return "unknown";
  return (*encoder)->library_version();
}

}  // namespace

std::vector<std::pair<std::string, std::string>> library_versions() {
  return {{"vivid-render", VIVID_VERSION},
          {"ffmpeg", av_version_info()},
          {"libavcodec", dotted(avcodec_version())},
          {"libavformat", dotted(avformat_version())},
          {"libswscale", dotted(swscale_version())},
          {"libswresample", dotted(swresample_version())},
          {"x264", version_of_x264()}};
}

}  // namespace vivid::render
