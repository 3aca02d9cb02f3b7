#include "render/encode/encoder_choice.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "config/option.h"
#include "daemon/metrics/label_sets.h"

namespace vivid::render {
namespace {

RenderOptions asking(std::string encoder, HardwareMode hardware) {
  RenderOptions options;
  options.width_px = 640;
  options.height_px = 360;
  options.encoder = std::move(encoder);
  options.hardware = hardware;
  return options;
}

bool has_nvenc() { return VideoEncoder::open("h264_nvenc", asking("h264_nvenc", HardwareMode::required)).has_value(); }

std::set<std::string> known_names() {
  std::set<std::string> names;
  for (const EncoderKind& kind : known_encoders()) names.emplace(kind.name);
  return names;
}

// A name that only the configuration knows would be accepted there and fail every video here.
TEST(EncoderChoice, ConfigurationOffersExactlyTheEncodersThatExist) {
  const config::Option* option = config::find_option("render.encoder");
  ASSERT_NE(option, nullptr);
  std::set<std::string> expected = known_names();
  expected.insert("auto");
  EXPECT_EQ(std::set<std::string>(option->choices.begin(), option->choices.end()), expected);
}

TEST(EncoderChoice, MetricsNameExactlyTheEncodersThatExist) {
  std::set<std::string> expected = known_names();
  expected.insert("none");
  const auto labels = daemon::labels::encoders();
  EXPECT_EQ(std::set<std::string>(labels.begin(), labels.end()), expected);
}

TEST(EncoderChoice, SoftwareIsAlwaysUsable) {
  const auto usable = usable_encoders();
  EXPECT_NE(std::find(usable.begin(), usable.end(), "libx264"), usable.end());
}

TEST(EncoderChoice, NeverHardwareIsLibx264WithoutAFallback) {
  const auto chosen = choose_encoder(asking("auto", HardwareMode::never));
  ASSERT_TRUE(chosen.has_value());
  EXPECT_EQ(chosen->encoder->name(), "libx264");
  EXPECT_EQ(chosen->fallback_reason, "");
}

TEST(EncoderChoice, SaysWhyTheDeviceWasNotUsed) {
  if (has_nvenc()) GTEST_SKIP() << "an NVENC session opens on this machine";
  for (const char* name : {"auto", "h264_nvenc"}) {
    const auto chosen = choose_encoder(asking(name, HardwareMode::if_possible));
    ASSERT_TRUE(chosen.has_value());
    EXPECT_EQ(chosen->encoder->name(), "libx264");
    EXPECT_EQ(chosen->fallback_reason.rfind("h264_nvenc: ", 0), 0U) << chosen->fallback_reason;
    EXPECT_GT(chosen->fallback_reason.size(), std::string("h264_nvenc: ").size());
  }
}

TEST(EncoderChoice, ADeviceThatMayNotBeUsedIsNotTouched) {
  RenderOptions options = asking("auto", HardwareMode::if_possible);
  options.hardware_refused = "every session is taken";
  const auto chosen = choose_encoder(options);
  ASSERT_TRUE(chosen.has_value());
  EXPECT_EQ(chosen->encoder->name(), "libx264");
  EXPECT_EQ(chosen->fallback_reason, "every session is taken");
  options.hardware = HardwareMode::required;
  const auto refused = choose_encoder(options);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::resource_exhausted);
  EXPECT_EQ(refused.error().message, "every session is taken");
}

TEST(EncoderChoice, RequiredHardwareThatIsNotThereIsUnsupported) {
  if (has_nvenc()) GTEST_SKIP() << "an NVENC session opens on this machine";
  const auto chosen = choose_encoder(asking("auto", HardwareMode::required));
  ASSERT_FALSE(chosen.has_value());
  EXPECT_EQ(chosen.error().code, ErrorCode::unsupported);
}

TEST(EncoderChoice, UsesTheDeviceWhereASessionOpens) {
  if (!has_nvenc()) GTEST_SKIP() << "no NVENC session opens on this machine";
  const auto chosen = choose_encoder(asking("auto", HardwareMode::required));
  ASSERT_TRUE(chosen.has_value());
  EXPECT_EQ(chosen->encoder->name(), "h264_nvenc");
  EXPECT_EQ(chosen->fallback_reason, "");
}

TEST(EncoderChoice, NamesTheAllowedEncodersForAnUnknownOne) {
  const auto chosen = choose_encoder(asking("mpeg2video", HardwareMode::if_possible));
  ASSERT_FALSE(chosen.has_value());
  EXPECT_EQ(chosen.error().code, ErrorCode::invalid_input);
  EXPECT_EQ(chosen.error().message, "encoder is 'mpeg2video'; allowed: auto, h264_nvenc, libx264");
}

TEST(EncoderChoice, RefusesContradictions) {
  for (const auto& [name, mode] : {std::pair("h264_nvenc", HardwareMode::never), {"libx264", HardwareMode::required}}) {
    const auto chosen = choose_encoder(asking(name, mode));
    ASSERT_FALSE(chosen.has_value());
    EXPECT_EQ(chosen.error().code, ErrorCode::invalid_input);
  }
}

}  // namespace
}  // namespace vivid::render
