#include "render/encode/opening_error.h"

#include <gtest/gtest.h>

extern "C" {
#include <libavutil/error.h>
}

namespace vivid::render {
namespace {

constexpr EncoderKind kHardware{"h264_nvenc", true};
constexpr EncoderKind kSoftware{"libx264", false};

TEST(OpeningError, SessionsThatOthersHoldAreWorthAnotherAttempt) {
  for (const char* said : {"OpenEncodeSessionEx failed: out of memory (10): (no details); No capable devices found",
                           "OpenEncodeSessionEx failed: incompatible client key (21): (no details)",
                           "cu->cuCtxCreate(...) failed -> CUDA_ERROR_OUT_OF_MEMORY: out of memory"}) {
    EXPECT_EQ(opening_error_code(kHardware, AVERROR_EXTERNAL, said), ErrorCode::resource_exhausted) << said;
  }
  EXPECT_EQ(opening_error_code(kHardware, AVERROR(ENOMEM), ""), ErrorCode::resource_exhausted);
  EXPECT_EQ(opening_error_code(kHardware, AVERROR(EBUSY), ""), ErrorCode::resource_exhausted);
}

TEST(OpeningError, MissingDeviceOrDriverIsForGood) {
  for (const char* said : {"Cannot load libcuda.so.1", "cu->cuInit(0) failed -> CUDA_ERROR_NO_DEVICE",
                           "Driver does not support the required nvenc API version", "No capable devices found"}) {
    EXPECT_EQ(opening_error_code(kHardware, AVERROR_EXTERNAL, said), ErrorCode::unsupported) << said;
  }
}

TEST(OpeningError, OptionThatSoftwareRefusesIsInvalid) {
  EXPECT_EQ(opening_error_code(kSoftware, AVERROR(EINVAL), "bad preset"), ErrorCode::invalid_input);
  EXPECT_EQ(opening_error_code(kHardware, AVERROR(EINVAL), "bad preset"), ErrorCode::unsupported);
}

}  // namespace
}  // namespace vivid::render
