#include "render/sound/true_peak.h"

#include <ebur128.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
#include <random>

#include "render/sound/sound_source.h"

namespace vivid::render {
namespace {

double decibels(double height) { return 20.0 * std::log10(height); }

double measured(const std::vector<float>& sound, int channels, std::size_t step) {
  TruePeak meter(channels);
  for (std::size_t at = 0; at < sound.size(); at += step) {
    meter.add(std::span(sound).subspan(at, std::min(step, sound.size() - at)));
  }
  return decibels(static_cast<double>(meter.finish()));
}

// libebur128's, of the higher channel.
double reference(const std::vector<float>& sound, unsigned channels) {
  ebur128_state* meter = ebur128_init(channels, kSoundRateHz, EBUR128_MODE_TRUE_PEAK);
  EXPECT_EQ(ebur128_add_frames_float(meter, sound.data(), sound.size() / channels), EBUR128_SUCCESS);
  double highest = 0.0;
  for (unsigned channel = 0; channel < channels; ++channel) {
    double peak = 0.0;
    EXPECT_EQ(ebur128_true_peak(meter, channel, &peak), EBUR128_SUCCESS);
    highest = std::max(highest, peak);
  }
  ebur128_destroy(&meter);
  return decibels(highest);
}

// Bursts of tones up to 11 kHz, of all heights.
std::vector<float> bursts(unsigned seed, int channels) {
  std::minstd_rand random(seed);
  const auto share = [&random] { return static_cast<double>(random()) / static_cast<double>(std::minstd_rand::max()); };
  std::vector<float> sound;
  while (sound.size() < 60'000) {
    const double height = 0.9 * share();
    const double step = std::numbers::pi * share() * 11'000.0 / 24'000.0;
    const double phase = 6.0 * share();
    for (int i = 0; i < 700; ++i) {
      const double fade = std::sin(std::numbers::pi * i / 700.0);
      for (int c = 0; c < channels; ++c) {
        sound.push_back(static_cast<float>(height * fade * fade * std::sin(phase + step * i + 0.7 * c)));
      }
    }
  }
  return sound;
}

TEST(TruePeak, AgreesWithLibebur128) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    for (const int channels : {1, 2}) {
      const auto sound = bursts(seed, channels);
      EXPECT_NEAR(measured(sound, channels, 4'096), reference(sound, static_cast<unsigned>(channels)), 0.1) << seed;
    }
  }
}

TEST(TruePeak, SeesWhatLiesBetweenTheSamples) {
  std::vector<float> sound(9'600);
  for (std::size_t i = 0; i < sound.size(); ++i) {
    sound[i] = 0.5F * static_cast<float>(std::sin(std::numbers::pi * (0.5 * static_cast<double>(i) + 0.25)));
  }
  ASSERT_LT(decibels(static_cast<double>(*std::max_element(sound.begin(), sound.end()))), -9.0);
  // It begins at once, which makes its first point a little higher than the others.
  EXPECT_NEAR(measured(sound, 1, 1'000), -6.0, 0.4);
}

TEST(TruePeak, DoesNotDependOnHowTheSoundIsCut) {
  const auto sound = bursts(5, 2);
  const double whole = measured(sound, 2, sound.size());
  EXPECT_EQ(whole, measured(sound, 2, 2));
  EXPECT_EQ(whole, measured(sound, 2, 9'998));
}

TEST(TruePeak, SeesTheFirstSampleAndTheLast) {
  for (const std::size_t place : {std::size_t{0}, std::size_t{63}, std::size_t{64}, std::size_t{4'999}}) {
    std::vector<float> sound(5'000, 0.0F);
    sound[place] = -0.8F;
    EXPECT_NEAR(measured(sound, 1, 500), decibels(0.8), 0.001) << place;
  }
  EXPECT_EQ(measured({}, 2, 1), decibels(0.0));
}

}  // namespace
}  // namespace vivid::render
