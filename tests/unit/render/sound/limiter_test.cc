#include "render/sound/limiter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "render/sound/loudness_meter.h"
#include "render/sound/sound_source.h"

namespace vivid::render {
namespace {

std::vector<float> limited(const std::vector<float>& sound, int channels, double ceiling_dbtp, std::size_t step) {
  PeakLimiter limiter(channels, ceiling_dbtp);
  std::vector<float> out;
  for (std::size_t at = 0; at < sound.size(); at += step) {
    limiter.process(std::span(sound).subspan(at, std::min(step, sound.size() - at)), out);
  }
  limiter.finish(out);
  return out;
}

double true_peak(const std::vector<float>& sound, int channels) {
  LoudnessMeter meter = LoudnessMeter::create(channels, true).value();
  EXPECT_TRUE(meter.add(sound).has_value());
  return meter.true_peak_dbtp();
}

// A quarter of the sample rate, between whose samples the wave is 3 dB higher than any of them.
std::vector<float> hidden_peaks(float height) {
  std::vector<float> sound(24'000);
  for (std::size_t i = 0; i < sound.size(); ++i) {
    sound[i] = height * static_cast<float>(std::sin(std::numbers::pi * (0.5 * static_cast<double>(i) + 0.25)));
  }
  return sound;
}

TEST(PeakLimiter, LeavesSoftSoundAsItIs) {
  std::vector<float> sound(5'000);
  for (std::size_t i = 0; i < sound.size(); ++i) sound[i] = 0.5F * std::sin(0.01F * static_cast<float>(i));
  EXPECT_EQ(limited(sound, 1, -1.0, 700), sound);
}

TEST(PeakLimiter, SeesPeaksBetweenTheSamples) {
  const auto sound = hidden_peaks(0.9F);
  ASSERT_LT(*std::max_element(sound.begin(), sound.end()), 0.7F);
  ASSERT_GT(true_peak(sound, 1), -1.0);
  EXPECT_LT(true_peak(limited(sound, 1, -3.0, 4'096), 1), -2.9);
}

TEST(PeakLimiter, HoldsBurstsBelowTheCeiling) {
  std::vector<float> sound(96'000);
  for (std::size_t i = 0; i < sound.size(); ++i) {
    const bool burst = (i / 2) % 24'000 > 23'700;
    sound[i] = (burst ? 2.5F : 0.1F) * std::sin(0.13F * static_cast<float>(i / 2) + static_cast<float>(i % 2));
  }
  const auto out = limited(sound, 2, -1.5, 1'000);
  ASSERT_EQ(out.size(), sound.size());
  EXPECT_LT(true_peak(out, 2), -1.4);
  EXPECT_GT(true_peak(out, 2), -3.0);
  // Long after a burst what is soft is as soft as it was.
  EXPECT_NEAR(out[80'000], sound[80'000], 0.002F);
}

TEST(PeakLimiter, DoesNotDependOnHowTheSoundIsCut) {
  const auto sound = hidden_peaks(1.4F);
  EXPECT_EQ(limited(sound, 1, -1.0, 1), limited(sound, 1, -1.0, 5'000));
}

// What is soft is passed on in runs; where one begins must not matter, however often sound is loud.
TEST(PeakLimiter, RunsOfSoftSoundComeOutAlikeWhereverTheyBegin) {
  std::vector<float> sound(400'000);
  for (std::size_t i = 0; i < sound.size(); ++i) {
    const bool burst = i % 70'000 < 300 || i % 110'003 < 2;
    sound[i] = (burst ? 1.7F : 0.3F) * std::sin(0.21F * static_cast<float>(i));
  }
  for (const int channels : {1, 2}) {
    const auto by_frame = limited(sound, channels, -1.0, static_cast<std::size_t>(channels));
    EXPECT_EQ(by_frame, limited(sound, channels, -1.0, 4'096));
    EXPECT_EQ(by_frame, limited(sound, channels, -1.0, 70));
    EXPECT_LT(true_peak(by_frame, channels), -0.9);
    // Half a second after a burst nothing is done to it any more.
    EXPECT_NEAR(by_frame[278'000], sound[278'000], 1e-4F);
  }
}

TEST(PeakLimiter, GivesBackWhatIsShorterThanItLooksAhead) {
  EXPECT_EQ(limited({0.1F, -0.2F, 0.3F}, 1, -1.0, 2), (std::vector<float>{0.1F, -0.2F, 0.3F}));
  EXPECT_TRUE(limited({}, 2, -1.0, 2).empty());
}

}  // namespace
}  // namespace vivid::render
