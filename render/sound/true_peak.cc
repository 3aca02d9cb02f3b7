#include "render/sound/true_peak.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace vivid::render {
namespace {

constexpr std::size_t kBlock = 64;
constexpr std::size_t kReach = PointsBetween::kTaps - 1;
// Gathered before it is measured, so that little is moved about.
constexpr std::size_t kGatheredBlocks = 32;

float highest_sample(const float* samples, std::size_t count) {
  float highest = 0.0F;
  for (std::size_t i = 0; i < count; ++i) highest = std::max(highest, std::fabs(samples[i]));
  return highest;
}

// Of the points after samples[kHalfTaps - 1] and the kBlock - 1 samples that follow it.
float highest_between(const float* samples) {
  float highest = 0.0F;
  for (const auto& taps : PointsBetween::filter().taps) {
    std::array<float, kBlock> points{};
    for (std::size_t tap = 0; tap < taps.size(); ++tap) {
      for (std::size_t i = 0; i < kBlock; ++i) points[i] += taps[tap] * samples[i + tap];
    }
    highest = std::max(highest, highest_sample(points.data(), kBlock));
  }
  return highest;
}

}  // namespace

PointsBetween::PointsBetween() {
  for (int point = 0; point < kPoints; ++point) {
    float sum = 0.0F;
    for (int tap = 0; tap < kTaps; ++tap) {
      const double x = static_cast<double>(point + 1) / (kPoints + 1) - (tap - kHalfTaps + 1);
      const double window = std::cos(std::numbers::pi * x / (2 * kHalfTaps));
      const double sinc = std::sin(std::numbers::pi * x) / (std::numbers::pi * x);
      taps[point][tap] = static_cast<float>(sinc * window * window);
      by_tap[tap][point] = taps[point][tap];
      sum += std::fabs(taps[point][tap]);
    }
    most = std::max(most, sum);
  }
}

const PointsBetween& PointsBetween::filter() {
  static const PointsBetween made;
  return made;
}

TruePeak::TruePeak(int channels) : channels_(static_cast<std::size_t>(channels), std::vector<float>(kReach)) {}

// The front of `samples`, `count` of which are to be measured; what lies within reach of the others stays.
void TruePeak::measure(std::vector<float>& samples, std::size_t count) {
  const float most = PointsBetween::filter().most;
  for (std::size_t at = 0; at < count; at += kBlock) {
    const float highest = highest_sample(samples.data() + at, kBlock + kReach);
    highest_ = std::max(highest_, highest);
    if (highest * most > highest_) highest_ = std::max(highest_, highest_between(samples.data() + at));
  }
  samples.erase(samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(count));
}

void TruePeak::add(std::span<const float> interleaved) {
  for (std::size_t channel = 0; channel < channels_.size(); ++channel) {
    std::vector<float>& samples = channels_[channel];
    for (std::size_t i = channel; i < interleaved.size(); i += channels_.size()) samples.push_back(interleaved[i]);
    if (samples.size() < kGatheredBlocks * kBlock + kReach) continue;
    measure(samples, (samples.size() - kReach) / kBlock * kBlock);
  }
}

float TruePeak::finish() {
  for (std::vector<float>& samples : channels_) {
    samples.resize(samples.size() + kBlock + kReach);
    measure(samples, (samples.size() - kReach) / kBlock * kBlock);
  }
  return highest_;
}

}  // namespace vivid::render
