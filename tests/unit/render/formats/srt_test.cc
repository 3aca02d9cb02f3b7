#include "render/formats/srt.h"

#include <gtest/gtest.h>

namespace vivid::render {
namespace {

using std::chrono::milliseconds;

TEST(Srt, NumbersCuesAndWritesTimesWithACommaAndCrLf) {
  const std::vector<Caption> captions{{milliseconds(0), milliseconds(1'234), {"One", "two"}},
                                      {milliseconds(3'723'004), milliseconds(3'724'000), {"three"}}};
  EXPECT_EQ(to_srt(captions),
            "1\r\n00:00:00,000 --> 00:00:01,234\r\nOne\r\ntwo\r\n\r\n"
            "2\r\n01:02:03,004 --> 01:02:04,000\r\nthree\r\n");
}

TEST(Srt, KeepsPlayersFromTakingTextForTags) {
  EXPECT_NE(to_srt({{milliseconds(0), milliseconds(1), {"a <b> {c"}}}).find("a <\u200Bb> {\u200Bc"), std::string::npos);
}

}  // namespace
}  // namespace vivid::render
