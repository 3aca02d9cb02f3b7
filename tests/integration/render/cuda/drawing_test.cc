// vivid-render draws on the stand-in driver's GPU: the same video, and what becomes of it when the GPU fails.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "render/cuda/device.h"
#include "tests/integration/render/lesson.h"
#include "tests/support/nvidia/stand_in.h"
#include "tests/support/render/child.h"
#include "tests/support/render/synthetic.h"

namespace vivid::render::testing_support {
namespace {

class Drawing : public testing::Test {
 protected:
  void SetUp() override {
    if (cuda::built_kernels().empty()) GTEST_SKIP() << "built without nvcc: no GPU draws";
    std::ofstream(folder_ / "lesson.json") << kLesson;
    // CUDA without an encoder, as compute cards have it: x264 encodes what the GPU drew, so that bytes can be compared.
    std::filesystem::create_directory(folder_ / "lib");
    std::filesystem::copy_file(stand_in::library_folder() + "/libcuda.so.1", folder_ / "lib" / "libcuda.so.1");
  }

  Finished render(const std::string& name, const std::string& hardware = "if_possible") {
    return Child({"env", "VIVID_STAND_IN_DRIVER=" + driver_.folder().string(),
                  "LD_LIBRARY_PATH=" + (folder_ / "lib").string(), std::string(VIVID_BINARY_DIR) + "/bin/vivid-render",
                  (folder_ / "lesson.json").string(), "-o", (folder_ / name).string(), "--size", "1280x720", "--fps",
                  "5", "--hardware", hardware},
                 folder_.path())
        .wait();
  }
  std::string video(const std::string& name) { return slurp(folder_ / name / "video.mp4"); }

  synthetic::Folder folder_;
  stand_in::Driver driver_;
};

TEST_F(Drawing, OnAGpuGivesTheSameBytes) {
  ASSERT_EQ(render("gpu").exit_code, 0);
  ASSERT_EQ(render("cpu", "never").exit_code, 0);
  EXPECT_FALSE(video("gpu").empty());
  EXPECT_TRUE(video("gpu") == video("cpu"));
}

TEST_F(Drawing, OnAGpuThatFailsIsAFailureToTryAgain) {
  driver_.tell("error cuLaunchKernel 719 from 3");
  const Finished finished = render("gpu");
  EXPECT_NE(finished.exit_code, 0);
  EXPECT_NE(finished.err.find("the GPU failed: CUDA cannot launch a kernel"), std::string::npos) << finished.err;
  EXPECT_FALSE(std::filesystem::exists(folder_ / "gpu" / "video.mp4"));
}

TEST_F(Drawing, GoesOnOnTheCpuWhereTheGpuHasTooLittleMemory) {
  driver_.tell("error cuMemAlloc_v2 2 from 4");
  const Finished finished = render("gpu");
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  ASSERT_EQ(render("cpu", "never").exit_code, 0);
  EXPECT_TRUE(video("gpu") == video("cpu"));
}

}  // namespace
}  // namespace vivid::render::testing_support
