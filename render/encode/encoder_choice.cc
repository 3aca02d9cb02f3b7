#include "render/encode/encoder_choice.h"

#include <utility>

namespace vivid::render {
namespace {

constexpr std::string_view kAuto = "auto";
constexpr std::string_view kHardware = "h264_nvenc";
constexpr std::string_view kSoftware = "libx264";

Status check_name(const RenderOptions& options) {
  if (options.encoder == kAuto) return {};
  const EncoderKind* kind = find_encoder(options.encoder);
  if (kind == nullptr) {
    std::string allowed = "auto";
    for (const EncoderKind& known : known_encoders()) allowed += ", " + std::string(known.name);
    return fail(ErrorCode::invalid_input, "encoder is '" + options.encoder + "'; allowed: " + allowed);
  }
  if (kind->hardware && options.hardware == HardwareMode::never) {
    return fail(ErrorCode::invalid_input,
                "encoder is '" + options.encoder + "', which needs hardware, but hardware is 'never'");
  }
  if (!kind->hardware && options.hardware == HardwareMode::required) {
    return fail(ErrorCode::invalid_input,
                "encoder is '" + options.encoder + "', which uses no hardware, but hardware is 'required'");
  }
  return {};
}

Result<ChosenEncoder> open_software(const RenderOptions& options, std::string fallback_reason) {
  VIVID_ASSIGN(auto encoder, VideoEncoder::open(kSoftware, options));
  return ChosenEncoder{std::move(encoder), std::move(fallback_reason)};
}

Result<ChosenEncoder> refused(const RenderOptions& options) {
  if (options.hardware != HardwareMode::required) return open_software(options, options.hardware_refused);
  return fail(ErrorCode::resource_exhausted, options.hardware_refused);
}

}  // namespace

Result<ChosenEncoder> choose_encoder(const RenderOptions& options) {
  VIVID_TRY(check_name(options));
  const bool wants_software =
      options.encoder == kAuto ? options.hardware == HardwareMode::never : !find_encoder(options.encoder)->hardware;
  if (wants_software) return open_software(options, {});
  if (!options.hardware_refused.empty()) return refused(options);
  auto hardware = VideoEncoder::open(options.encoder == kAuto ? kHardware : options.encoder, options);
  if (hardware.has_value()) return ChosenEncoder{std::move(*hardware), {}};
  if (options.hardware == HardwareMode::required) return tl::make_unexpected(std::move(hardware).error());
  return open_software(options, hardware.error().message);
}

std::vector<std::string> usable_encoders() {
  RenderOptions options;
  options.encoder_threads = 1;
  std::vector<std::string> usable;
  for (const EncoderKind& kind : known_encoders()) {
    if (!kind.hardware && VideoEncoder::open(kind.name, options).has_value()) usable.emplace_back(kind.name);
  }
  return usable;
}

}  // namespace vivid::render
