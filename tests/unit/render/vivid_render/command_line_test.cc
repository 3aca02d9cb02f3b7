#include "render/vivid_render/command_line.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <vector>

namespace vivid::render {
namespace {

ParsedCommandLine parse(std::initializer_list<const char*> more) {
  std::vector<const char*> arguments{"vivid-render", "lesson.json", "-o", "out"};
  arguments.insert(arguments.end(), more);
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

TEST(CommandLine, TakesWhatTheViewerPrefers) {
  const ParsedCommandLine parsed = parse({"--language", "es", "--voice", "es-ES-Neural2-A", "--captions", "shown",
                                          "--high-contrast", "--font-scale", "1.5"});
  ASSERT_FALSE(parsed.exit_code.has_value());
  const RenderOptions& options = parsed.command.options;
  EXPECT_EQ(options.language, "es");
  EXPECT_EQ(options.voice, "es-ES-Neural2-A");
  EXPECT_EQ(options.captions, CaptionMode::shown);
  EXPECT_TRUE(options.high_contrast);
  EXPECT_DOUBLE_EQ(options.font_scale, 1.5);
}

TEST(CommandLine, PrefersNothingByItself) {
  const ParsedCommandLine parsed = parse({});
  ASSERT_FALSE(parsed.exit_code.has_value());
  const RenderOptions& options = parsed.command.options;
  EXPECT_EQ(options.language, "");
  EXPECT_EQ(options.voice, "");
  EXPECT_EQ(options.captions, CaptionMode::track);
  EXPECT_FALSE(options.high_contrast);
  EXPECT_DOUBLE_EQ(options.font_scale, 1.0);
}

TEST(CommandLine, RefusesPreferencesThatCannotBe) {
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(parse({"--captions", "burnt"}).exit_code, kExitUsage);
  EXPECT_EQ(parse({"--font-scale", "0.7"}).exit_code, kExitUsage);
  EXPECT_EQ(parse({"--font-scale", "2.1"}).exit_code, kExitUsage);
  EXPECT_EQ(parse({"--font-scale", "large"}).exit_code, kExitUsage);
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("--captions"), std::string::npos) << said;
  EXPECT_NE(said.find("--font-scale"), std::string::npos) << said;
}

}  // namespace
}  // namespace vivid::render
