#include "daemon/intake/preferences.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace vivid::daemon {
namespace {

using nlohmann::json;

Preferences read(const json& accessibility, std::vector<std::string>& warnings) {
  return read_preferences({{"accessibility_settings", accessibility}}, warnings);
}

TEST(Preferences, SayWhereCaptionsGo) {
  std::vector<std::string> warnings;
  EXPECT_FALSE(read({{"captions", false}}, warnings).captions);
  EXPECT_TRUE(read({{"captions", true}}, warnings).captions);
  EXPECT_FALSE(read({{"captions", true}}, warnings).burnt_in_captions);
  const Preferences burnt_in = read({{"captions", "burnt_in"}}, warnings);
  EXPECT_TRUE(burnt_in.burnt_in_captions);
  EXPECT_FALSE(burnt_in.captions);
  EXPECT_TRUE(warnings.empty());
  EXPECT_EQ(read({{"captions", "large"}}, warnings), Preferences());
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings[0].find("accessibility_settings.captions"), std::string::npos);
  EXPECT_NE(warnings[0].find("burnt_in"), std::string::npos);
}

TEST(Preferences, AskForDescriptions) {
  std::vector<std::string> warnings;
  EXPECT_TRUE(read({{"audio_descriptions", true}}, warnings).audio_descriptions);
  EXPECT_TRUE(warnings.empty());
  EXPECT_FALSE(read({{"audio_descriptions", "yes"}}, warnings).audio_descriptions);
  EXPECT_EQ(warnings.size(), 1U);
}

TEST(Preferences, AreKeptWithTheJob) {
  std::vector<std::string> warnings;
  const Preferences wanted = read({{"captions", "burnt_in"}, {"audio_descriptions", true}}, warnings);
  EXPECT_EQ(preferences_from(to_json(wanted)), wanted);
  EXPECT_EQ(preferences_from(json::object()), Preferences());
}

}  // namespace
}  // namespace vivid::daemon
