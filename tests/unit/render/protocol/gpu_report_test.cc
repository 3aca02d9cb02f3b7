#include "render/protocol/gpu_report.h"

#include <gtest/gtest.h>

namespace vivid::render {
namespace {

GpuReport sample() {
  GpuDevice device;
  device.uuid = "GPU-1";
  device.name = "L4";
  device.compute = "8.9";
  device.memory_bytes = 24ULL << 30;
  device.mig = true;
  device.engines = 2;
  device.sessions = 8;
  device.sessions_of_others = 1;
  device.encoders = {{"h264_nvenc", {"1280x720", "1920x1080"}, "too wide"}, {"av1_nvenc", {}, "not built"}};
  return {GpuState::driver_too_old, "too old", "470.1", "12.4", "FFmpeg 5.1", {device}};
}

TEST(GpuReport, SurvivesTheWay) {
  const auto read = gpu_report_from_json(to_json(sample()));
  ASSERT_TRUE(read.has_value()) << read.error().describe();
  EXPECT_EQ(read->state, GpuState::driver_too_old);
  EXPECT_EQ(read->words, "too old");
  EXPECT_EQ(read->driver, "470.1");
  EXPECT_EQ(read->cuda, "12.4");
  EXPECT_EQ(read->library, "FFmpeg 5.1");
  ASSERT_EQ(read->devices.size(), 1U);
  const GpuDevice& device = read->devices[0];
  EXPECT_EQ(device.uuid, "GPU-1");
  EXPECT_EQ(device.compute, "8.9");
  EXPECT_EQ(device.memory_bytes, 24ULL << 30);
  EXPECT_TRUE(device.mig);
  EXPECT_EQ(device.engines, 2);
  EXPECT_EQ(device.sessions, 8);
  EXPECT_EQ(device.sessions_of_others, 1);
  ASSERT_EQ(device.encoders.size(), 2U);
  EXPECT_EQ(device.encoders[0].sizes, (std::vector<std::string>{"1280x720", "1920x1080"}));
  EXPECT_EQ(device.encoders[1].problem, "not built");
  EXPECT_TRUE(device.encodes("h264_nvenc"));
  EXPECT_FALSE(device.encodes("av1_nvenc"));
}

TEST(GpuReport, OfEveryStateIsReadAsWhatItIs) {
  for (int state = 0; state <= static_cast<int>(GpuState::broken); ++state) {
    GpuReport report;
    report.state = static_cast<GpuState>(state);
    EXPECT_EQ(gpu_report_from_json(to_json(report))->state, report.state) << to_text(report.state);
  }
}

TEST(GpuReport, ThatIsNoneIsRefused) {
  for (const char* text :
       {"", "[]", "{}", R"({"devices":[],"state":"splendid"})", R"({"devices":[{}],"state":"ready"})",
        R"({"devices":{},"state":"ready"})", R"({"devices":[{"uuid":7}],"state":"ready"})"}) {
    const auto read = gpu_report_from_json(text);
    ASSERT_FALSE(read.has_value()) << text;
    EXPECT_EQ(read.error().code, ErrorCode::invalid_input);
  }
}

TEST(GpuReport, WithFieldsOfTheWrongKindKeepsTheirDefaults) {
  const auto read = gpu_report_from_json(
      R"({"state":"ready","words":7,"devices":[{"uuid":"GPU-1","sessions":"many","encoders":[3,{"sizes":[4]}]}]})");
  ASSERT_TRUE(read.has_value()) << read.error().describe();
  EXPECT_EQ(read->words, "");
  EXPECT_EQ(read->devices[0].sessions, 0);
  EXPECT_EQ(read->devices[0].encoders.size(), 1U);
}

TEST(GpuGauges, SurviveTheWay) {
  GpuGauges busy{"GPU-1", 0.5, 0.25, 3, 100, 200, 61.5, 1, ""};
  GpuGauges lost;
  lost.uuid = "GPU-2";
  lost.problem = "lost";
  const auto read = gpu_gauges_from_json(to_json(std::vector<GpuGauges>{busy, lost}));
  ASSERT_TRUE(read.has_value()) << read.error().describe();
  ASSERT_EQ(read->size(), 2U);
  EXPECT_DOUBLE_EQ((*read)[0].encoder_utilization, 0.25);
  EXPECT_EQ((*read)[0].encoder_sessions, 3);
  EXPECT_EQ((*read)[0].memory_total_bytes, 200);
  EXPECT_DOUBLE_EQ((*read)[0].temperature_celsius, 61.5);
  EXPECT_EQ((*read)[0].throttled, 1);
  EXPECT_LT((*read)[1].utilization, 0);
  EXPECT_EQ((*read)[1].problem, "lost");
  EXPECT_FALSE(gpu_gauges_from_json("{}").has_value());
}

}  // namespace
}  // namespace vivid::render
