#include "render/sound/limiter.h"

#include <algorithm>
#include <cmath>

#include "render/sound/sound_source.h"
#include "render/sound/true_peak.h"

namespace vivid::render {
namespace {

constexpr int kHalfTaps = PointsBetween::kHalfTaps;
constexpr int kTaps = PointsBetween::kTaps;
constexpr std::int64_t kAheadFrames = kSoundRateHz / 200;
constexpr double kReleaseSeconds = 0.06;
constexpr std::int64_t kRingFrames = 512;
static_assert(kRingFrames >= kAheadFrames + kTaps + 1);

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
    for (const auto& taps : PointsBetween::filter().taps) {
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
    const bool loud = static_cast<double>(std::fabs(frame[channel]) * PointsBetween::filter().most) > ceiling_;
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
