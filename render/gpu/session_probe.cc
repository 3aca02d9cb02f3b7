#include "render/gpu/session_probe.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "render/encode/av.h"
#include "render/encode/av_log.h"
#include "render/encode/nvenc_settings.h"
#include "render/encode/opening_error.h"

extern "C" {
#include <libavutil/hwcontext.h>
}

namespace vivid::render {
namespace {

struct Size {
  int width_px;
  int height_px;
};
constexpr std::array kSizes{Size{1280, 720}, Size{1920, 1080}, Size{3840, 2160}};
constexpr Size kSmall{640, 360};
constexpr std::array<const char*, 3> kEncoders{"h264_nvenc", "hevc_nvenc", "av1_nvenc"};
// Above it a limit no longer matters: one GPU's engines are busy long before.
constexpr int kMostSessions = 12;

struct FreeBuffer {
  void operator()(AVBufferRef* buffer) const { av_buffer_unref(&buffer); }
};
using Context = std::unique_ptr<AVBufferRef, FreeBuffer>;

// What FFmpeg and the driver said while something failed, in one line.
std::string said_by(const AvLogCapture& capture, int number) {
  std::string all;
  for (const std::string& line : capture.lines()) all += (all.empty() ? "" : "; ") + line;
  return all.empty() ? av::error(number, "cannot be opened").message : all;
}

// One CUDA context for all sessions that are tried: making one takes longer than a session.
Result<Context> make_context(int index) {
  const AvLogCapture capture;
  AVBufferRef* made = nullptr;
  const int number = av_hwdevice_ctx_create(&made, AV_HWDEVICE_TYPE_CUDA, std::to_string(index).c_str(), nullptr, 0);
  if (number < 0) return fail(ErrorCode::unavailable, said_by(capture, number));
  return Context(made);
}

Result<av::Codec> open_session(const char* name, Size size, const Context& context) {
  const AvLogCapture capture;
  const AVCodec* encoder = avcodec_find_encoder_by_name(name);
  VIVID_CHECK(encoder != nullptr);
  av::Codec codec(avcodec_alloc_context3(encoder));
  VIVID_CHECK(codec != nullptr);
  codec->width = size.width_px;
  codec->height = size.height_px;
  codec->pix_fmt = AV_PIX_FMT_YUV420P;
  codec->time_base = {1, 30};
  codec->framerate = {30, 1};
  codec->hw_device_ctx = av_buffer_ref(context.get());
  VIVID_CHECK(codec->hw_device_ctx != nullptr);
  av::Dictionary settings;
  set_nvenc_options(name, RenderOptions{}, true, *codec, settings);
  const int opened = avcodec_open2(codec.get(), encoder, settings.address());
  if (opened < 0) return fail(ErrorCode::unavailable, said_by(capture, opened));
  return codec;
}

GpuEncoder try_encoder(const char* name, const Context& context) {
  GpuEncoder found{name, {}, {}};
  if (avcodec_find_encoder_by_name(name) == nullptr) {
    found.problem = std::string("FFmpeg ") + av_version_info() + " was built without it";
    return found;
  }
  for (const Size& size : kSizes) {
    const auto session = open_session(name, size, context);
    if (session) {
      found.sizes.push_back(std::to_string(size.width_px) + "x" + std::to_string(size.height_px));
    } else {
      found.problem = session.error().message;
      break;
    }
  }
  return found;
}

// How many may be open at once, those of others included; 0: more than anybody needs.
int count_sessions(const char* name, const Context& context, int others) {
  std::vector<av::Codec> open;
  while (static_cast<int>(open.size()) < kMostSessions) {
    auto session = open_session(name, kSmall, context);
    if (!session) return static_cast<int>(open.size()) + std::max(0, others);
    open.push_back(std::move(*session));
  }
  return 0;
}

bool says(const std::string& words, std::string_view part) { return words.find(part) != std::string::npos; }

GpuState shortcoming_of(const std::string& words) {
  if (says(words, "required nvenc API version")) return GpuState::driver_too_old;
  if (opening_error_code({"h264_nvenc", true}, AVERROR_EXTERNAL, words) == ErrorCode::resource_exhausted) {
    return GpuState::busy;
  }
  const bool lacks = says(words, "libnvidia-encode") || says(words, "Codec not supported") ||
                     says(words, "unsupported device (2)") || says(words, "no encode device (1)");
  return lacks ? GpuState::no_encoder : GpuState::broken;
}

std::string words_for(GpuState state, const GpuDevice& device, const std::string& said) {
  if (state == GpuState::driver_too_old) return "the NVIDIA driver is too old for this FFmpeg: " + said;
  if (state == GpuState::busy) return "others hold every encoder session of " + device.name + ": " + said;
  if (state == GpuState::broken) return device.name + " does not encode: " + said;
  if (says(said, "libnvidia-encode")) {
    return "there is CUDA but no NVENC: libnvidia-encode.so.1 cannot be loaded (in a container "
           "NVIDIA_DRIVER_CAPABILITIES must hold video)";
  }
  return device.name + " has CUDA but no encoder, as compute cards (A100, H100, H200) have none";
}

}  // namespace

SessionProbe probe_sessions(const GpuDevice& device, int index, int others) {
  SessionProbe probe{device, {}, {}};
  const auto context = make_context(index);
  if (!context) {
    probe.shortcoming = GpuState::broken;
    probe.words = words_for(GpuState::broken, device, context.error().message);
    return probe;
  }
  for (const char* name : kEncoders) probe.device.encoders.push_back(try_encoder(name, *context));
  const auto& encoders = probe.device.encoders;
  const auto usable =
      std::find_if(encoders.begin(), encoders.end(), [](const GpuEncoder& encoder) { return !encoder.sizes.empty(); });
  if (usable == encoders.end()) {
    probe.shortcoming = shortcoming_of(encoders.front().problem);
    probe.words = words_for(*probe.shortcoming, device, encoders.front().problem);
    return probe;
  }
  probe.device.sessions_of_others = std::max(0, others);
  probe.device.sessions = count_sessions(usable->name.c_str(), *context, others);
  return probe;
}

}  // namespace vivid::render
