#include "render/cuda/device.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <optional>

#include "tests/support/nvidia/stand_in.h"
#include "tests/unit/render/cuda/studios.h"

namespace vivid::render::cuda {
namespace {

using testing::any_frame;
using testing::stand_in_options;

// The driver looks once a process where it is told what to do.
stand_in::Driver* told = nullptr;

class ToldDriver : public ::testing::Environment {
 public:
  void SetUp() override {
    driver_.emplace();
    told = &*driver_;
    ::setenv("VIVID_STAND_IN_DRIVER", driver_->folder().c_str(), 1);
  }
  void TearDown() override { driver_.reset(); }

 private:
  std::optional<stand_in::Driver> driver_;
};
[[maybe_unused]] const auto* const kToldDriver = ::testing::AddGlobalTestEnvironment(new ToldDriver());

class CudaDevice : public ::testing::Test {
 protected:
  ~CudaDevice() override { told->tell(""); }

  // What becomes of a frame that is drawn and shown.
  static Status draw(Studio& studio) {
    VIVID_ASSIGN(const auto canvas, studio.make_canvas(64, 64));
    const auto frame = any_frame(64, 64, 1);
    VIVID_TRY(canvas->copy_rect(frame, frame->bounds()));
    VIVID_ASSIGN(const YuvView view, canvas->show());
    EXPECT_EQ(testing::bytes_of(view), frame->bytes());
    return {};
  }
};

TEST_F(CudaDevice, SaysWhyThereIsNone) {
  DeviceOptions options = stand_in_options();
  options.kernels = {};
  auto device = Device::open(options);
  ASSERT_FALSE(device.has_value());
  EXPECT_EQ(device.error().code, ErrorCode::unsupported);
  EXPECT_NE(device.error().message.find("without nvcc"), std::string::npos);

  options = stand_in_options();
  options.library = "libno_such_driver.so.1";
  device = Device::open(options);
  ASSERT_FALSE(device.has_value());
  EXPECT_EQ(device.error().code, ErrorCode::unsupported);
  EXPECT_NE(device.error().message.find("libno_such_driver.so.1"), std::string::npos);

  told->tell("set gpus 0");
  device = Device::open(stand_in_options());
  ASSERT_FALSE(device.has_value());
  EXPECT_NE(device.error().message.find("NO_DEVICE"), std::string::npos) << device.error().message;
}

TEST_F(CudaDevice, TakesNoMoreMemoryThanItMay) {
  DeviceOptions options = stand_in_options();
  options.memory_bytes = std::size_t{1} << 20;
  const auto device = Device::open(options);
  ASSERT_TRUE(device.has_value());
  {
    const auto one = (*device)->allocate(std::size_t{512} << 10);
    const auto other = (*device)->allocate(std::size_t{512} << 10);
    ASSERT_TRUE(one.has_value() && other.has_value());
    const auto third = (*device)->allocate(1);
    ASSERT_FALSE(third.has_value());
    EXPECT_EQ(third.error().code, ErrorCode::resource_exhausted);
  }
  // What was given back serves again, in other sizes too.
  EXPECT_TRUE((*device)->allocate(std::size_t{1} << 20).has_value());
  EXPECT_LE((*device)->allocated_bytes(), std::size_t{1} << 20);
}

TEST_F(CudaDevice, MakesErrorsOfWhatTheDriverSays) {
  const struct {
    const char* rule;
    ErrorCode code;
  } kCases[] = {
      {"error cuMemAlloc_v2 2", ErrorCode::resource_exhausted},
      {"error cuLaunchKernel 719", ErrorCode::unavailable},
      {"error cuStreamSynchronize 214", ErrorCode::unavailable},
      {"error cuMemcpyHtoDAsync_v2 999", ErrorCode::unavailable},
      {"error cuMemcpy2DAsync_v2 1", ErrorCode::internal},
      {"error cuMemHostAlloc 2", ErrorCode::resource_exhausted},
  };
  for (const auto& [rule, code] : kCases) {
    told->tell("");
    const auto device = Device::open(stand_in_options());
    ASSERT_TRUE(device.has_value());
    const auto studio = make_studio(*device);
    told->tell(rule);
    const Status drawn = draw(*studio);
    ASSERT_FALSE(drawn.has_value()) << rule;
    EXPECT_EQ(drawn.error().code, code) << rule << ": " << drawn.error().message;
  }
}

TEST_F(CudaDevice, BringsAPictureOverOnce) {
  told->tell("set gpus 1");
  const auto device = Device::open(stand_in_options());
  ASSERT_TRUE(device.has_value());
  const auto studio = make_studio(*device);
  const auto frame = any_frame(64, 64, 1);
  const auto canvas = studio->make_canvas(64, 64);
  ASSERT_TRUE(canvas.has_value() && (*canvas)->copy_rect(frame, frame->bounds()).has_value());
  // From here on nothing can be brought over: it has to be there.
  told->tell("error cuMemcpyHtoDAsync_v2 999");
  const auto fork = studio->fork();
  const auto other = fork->make_canvas(64, 64);
  ASSERT_TRUE(other.has_value() && (*other)->copy_rect(frame, frame->bounds()).has_value());
  EXPECT_EQ(testing::shown_on(**other), frame->bytes());
}

}  // namespace
}  // namespace vivid::render::cuda
