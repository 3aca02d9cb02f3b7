#include "render/encode/opening_error.h"

#include <algorithm>
#include <array>

extern "C" {
#include <libavutil/error.h>
}

namespace vivid::render {
namespace {

// NVENC answers "external error" to nearly everything, so its words decide. A driver that is out of sessions says
// either of the first two; the numbers are NVENC's own.
constexpr std::array<std::string_view, 4> kTaken{"OpenEncodeSessionEx failed: out of memory (10)",
                                                 "OpenEncodeSessionEx failed: incompatible client key (21)",
                                                 "CUDA_ERROR_OUT_OF_MEMORY", "NV_ENC_ERR_ENCODER_BUSY"};

bool says_taken(std::string_view said) {
  return std::any_of(kTaken.begin(), kTaken.end(),
                     [&](std::string_view sign) { return said.find(sign) != std::string_view::npos; });
}

}  // namespace

ErrorCode opening_error_code(const EncoderKind& kind, int number, std::string_view said) {
  if (kind.hardware && says_taken(said)) return ErrorCode::resource_exhausted;
  switch (number) {
    case AVERROR(ENOMEM):
    case AVERROR(EBUSY):
    case AVERROR(EAGAIN):
      return ErrorCode::resource_exhausted;
    case AVERROR(EINVAL):
      return kind.hardware ? ErrorCode::unsupported : ErrorCode::invalid_input;
    default:
      return ErrorCode::unsupported;
  }
}

}  // namespace vivid::render
