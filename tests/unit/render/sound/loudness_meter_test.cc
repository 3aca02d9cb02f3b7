#include "render/sound/loudness_meter.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "render/sound/sound_source.h"

namespace vivid::render {
namespace {

std::vector<float> tone(double amplitude, double seconds, int channels) {
  std::vector<float> sound(static_cast<std::size_t>(seconds * kSoundRateHz) * static_cast<std::size_t>(channels));
  for (std::size_t i = 0; i < sound.size(); ++i) {
    const auto frame = static_cast<double>(i / static_cast<std::size_t>(channels));
    sound[i] = static_cast<float>(amplitude * std::sin(2 * std::numbers::pi * 997.0 * frame / kSoundRateHz));
  }
  return sound;
}

std::optional<double> loudness(const std::vector<float>& sound, int channels) {
  LoudnessMeter meter = LoudnessMeter::create(channels, false).value();
  EXPECT_TRUE(meter.add(sound).has_value());
  return meter.loudness_lufs();
}

// EBU Tech 3341, case 1: a tone of 1 kHz at -23 dBFS in both channels is at -23 LUFS.
TEST(LoudnessMeter, AgreesWithTheToneOfTheStandard) {
  EXPECT_NEAR(loudness(tone(std::pow(10.0, -23.0 / 20.0), 20.0, 2), 2).value(), -23.0, 0.1);
}

TEST(LoudnessMeter, OneChannelCountsForBothEars) {
  EXPECT_NEAR(loudness(tone(0.1, 5.0, 1), 1).value(), loudness(tone(0.1, 5.0, 2), 2).value(), 0.001);
}

TEST(LoudnessMeter, HearsNothingInSilence) {
  EXPECT_FALSE(loudness(std::vector<float>(96'000), 1).has_value());
  EXPECT_FALSE(loudness({}, 2).has_value());
  EXPECT_FALSE(loudness(tone(0.0001, 2.0, 1), 1).has_value());
}

TEST(LoudnessMeter, MeasuresWhatIsShorterThanABlock) {
  const auto lufs = loudness(tone(0.5, 0.1, 1), 1);
  ASSERT_TRUE(lufs.has_value());
  EXPECT_NEAR(*lufs, -12.0, 1.0);
}

}  // namespace
}  // namespace vivid::render
