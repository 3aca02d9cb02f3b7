#include "render/sound/limiter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "render/sound/sound_source.h"

namespace vivid::render {
namespace {

// Four times as many points as samples, as BS.1770-4 asks for at 48 kHz: three between each two.
constexpr int kBetween = 3;
constexpr int kHalfTaps = 12;
constexpr int kTaps = 2 * kHalfTaps;
constexpr std::int64_t kAheadFrames = kSoundRateHz / 200;
constexpr double kReleaseSeconds = 0.06;
constexpr std::int64_t kRingFrames = 512;
static_assert(kRingFrames >= kAheadFrames + kTaps + 1);

struct Interpolation {
  std::array<std::array<float, kTaps>, kBetween> taps{};
  // No point between samples is higher than the highest sample times this.
  float most = 1.0F;

  Interpolation() {
    for (int phase = 0; phase < kBetween; ++phase) {
      float sum = 0.0F;
      for (int tap = 0; tap < kTaps; ++tap) {
        const double x = static_cast<double>(phase + 1) / (kBetween + 1) - (tap - kHalfTaps + 1);
        const double window = std::cos(std::numbers::pi * x / (2 * kHalfTaps));
        const double sinc = std::sin(std::numbers::pi * x) / (std::numbers::pi * x);
        taps[phase][tap] = static_cast<float>(sinc * window * window);
        sum += std::fabs(taps[phase][tap]);
      }
      most = std::max(most, sum);
    }
  }
};

const Interpolation& interpolation() {
  static const Interpolation filter;
  return filter;
}

std::size_t ring(std::int64_t frame) { return static_cast<std::size_t>(frame & (kRingFrames - 1)); }

}  // namespace

PeakLimiter::PeakLimiter(int channels, double ceiling_dbtp)
    : channels_(channels),
      ceiling_(std::pow(10.0, ceiling_dbtp / 20.0)),
      history_(static_cast<std::size_t>(kRingFrames * channels)),
      gains_(static_cast<std::size_t>(kRingFrames), 1.0),
      sum_(static_cast<double>(kAheadFrames + 1)) {}

float& PeakLimiter::sample(std::int64_t frame, int channel) {
  return history_[ring(frame) * static_cast<std::size_t>(channels_) + static_cast<std::size_t>(channel)];
}

void PeakLimiter::process(std::span<const float> interleaved, std::vector<float>& out) {
  for (std::size_t at = 0; at < interleaved.size(); at += static_cast<std::size_t>(channels_)) {
    push(interleaved.data() + at, out);
  }
}

void PeakLimiter::finish(std::vector<float>& out) {
  const std::vector<float> silence(static_cast<std::size_t>(channels_));
  for (const std::int64_t whole = pushed_; emitted_ < whole;) push(silence.data(), out);
}

// The highest point from the frame before `frame` to the one after it.
double PeakLimiter::peak_around(std::int64_t frame) {
  float highest = 0.0F;
  float between = 0.0F;
  for (int channel = 0; channel < channels_; ++channel) {
    highest = std::max(highest, std::fabs(sample(frame, channel)));
    if (pushed_ > loud_until_) continue;
    for (const auto& taps : interpolation().taps) {
      float point = 0.0F;
      for (int tap = 0; tap < kTaps; ++tap) point += taps[tap] * sample(frame + tap - kHalfTaps + 1, channel);
      between = std::max(between, std::fabs(point));
    }
  }
  const float around = std::max({highest, between, last_between_});
  last_between_ = between;
  return around;
}

// The least gain that a frame from `frame` to kAheadFrames later wants; `wanted` is what the last of them does.
double PeakLimiter::least_ahead(std::int64_t frame, double wanted) {
  if (wanted < 1.0) {
    while (!wants_.empty() && wants_.back().gain >= wanted) wants_.pop_back();
    wants_.push_back({frame + kAheadFrames, wanted});
  }
  while (!wants_.empty() && wants_.front().frame < frame) wants_.pop_front();
  return wants_.empty() ? 1.0 : wants_.front().gain;
}

void PeakLimiter::push(const float* frame, std::vector<float>& out) {
  static const double release = 1.0 - std::exp(-1.0 / (kReleaseSeconds * kSoundRateHz));
  for (int channel = 0; channel < channels_; ++channel) {
    sample(pushed_, channel) = frame[channel];
    const bool loud = static_cast<double>(std::fabs(frame[channel]) * interpolation().most) > ceiling_;
    if (loud) loud_until_ = pushed_ + kTaps - 1;
  }
  const std::int64_t measured = pushed_ - kHalfTaps;
  const std::int64_t ready = measured - kAheadFrames;
  ++pushed_;
  if (measured < 0) return;
  const double peak = peak_around(measured);
  const double least = least_ahead(ready, peak > ceiling_ ? ceiling_ / peak : 1.0);
  last_gain_ = std::min(least, last_gain_ + (1.0 - last_gain_) * release);
  // Each of the gains averaged is low enough for this frame: so is their mean.
  double& oldest = gains_[ring(ready - kAheadFrames - 1)];
  sum_ += last_gain_ - oldest;
  gains_[ring(ready)] = last_gain_;
  if (ready < 0) return;
  const auto gain = static_cast<float>(sum_ / static_cast<double>(kAheadFrames + 1));
  for (int channel = 0; channel < channels_; ++channel) out.push_back(sample(ready, channel) * gain);
  ++emitted_;
}

}  // namespace vivid::render
