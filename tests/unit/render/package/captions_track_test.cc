#include "render/package/captions_track.h"

#include <gtest/gtest.h>

namespace vivid::render {
namespace {

TEST(CaptionsTrack, PutsTheLengthBeforeTheLines) {
  Caption caption;
  caption.lines = {"Hola,", "¿qué tal?"};
  const std::string sample = timed_text_sample(caption);
  EXPECT_EQ(sample.substr(2), "Hola,\n¿qué tal?");
  EXPECT_EQ(
      static_cast<std::size_t>(static_cast<unsigned char>(sample[0])) * 256 + static_cast<unsigned char>(sample[1]),
      sample.size() - 2);
}

TEST(CaptionsTrack, CutsATooLongCaptionBetweenCharacters) {
  Caption caption;
  std::string text;
  for (int i = 0; i < 40'000; ++i) text += "é";
  caption.lines = {text};
  const std::string sample = timed_text_sample(caption);
  EXPECT_EQ(sample.size(), 2U + 65'534U);
}

TEST(CaptionsTrack, DescribesABoxOfThePicturesSize) {
  const auto description = timed_text_description({1920, 1080, 1.0, false});
  ASSERT_GT(description.size(), 18U);
  EXPECT_EQ(description[14] * 256 + description[15], 1080);
  EXPECT_EQ(description[16] * 256 + description[17], 1920);
}

TEST(CaptionsTrack, AsksPlayersToShowIt) {
  EXPECT_EQ(timed_text_description({1920, 1080, 1.0, true})[0], 0xc0);
  EXPECT_EQ(timed_text_description({1920, 1080, 1.0, false})[0], 0x00);
}

TEST(CaptionsTrack, ScalesTheLettersAsFarAsTheFormatCan) {
  constexpr std::size_t kSizeAt = 25;
  EXPECT_EQ(timed_text_description({1920, 1080, 1.0, false})[kSizeAt], 49);
  EXPECT_EQ(timed_text_description({1920, 1080, 2.0, false})[kSizeAt], 98);
  EXPECT_EQ(timed_text_description({1920, 1080, 0.75, false})[kSizeAt], 37);
  EXPECT_EQ(timed_text_description({7680, 4320, 2.0, false})[kSizeAt], 255);
}

}  // namespace
}  // namespace vivid::render
