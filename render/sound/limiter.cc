#include "render/sound/limiter.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "render/sound/sound_source.h"
#include "render/sound/true_peak.h"

namespace vivid::render {
namespace {

constexpr int kHalfTaps = PointsBetween::kHalfTaps;
constexpr int kTaps = PointsBetween::kTaps;
constexpr std::int64_t kAheadFrames = kSoundRateHz / 200;
constexpr double kReleaseSeconds = 0.06;
// A gain this close to 1 is 1: a ten-thousandth of a decibel is not heard.
constexpr double kUntouched = 1e-5;
// Sound is looked at in runs of so many frames, to see whether there is anything to do.
constexpr std::size_t kRunFrames = 64;
constexpr std::int64_t kRingFrames = 512;
static_assert(kRingFrames >= kAheadFrames + kTaps + 1);

std::size_t ring(std::int64_t frame) { return static_cast<std::size_t>(frame & (kRingFrames - 1)); }

}  // namespace

PeakLimiter::PeakLimiter(int channels, double ceiling_dbtp)
    : channels_(channels),
      ceiling_(std::pow(10.0, ceiling_dbtp / 20.0)),
      history_(static_cast<std::size_t>(2 * kRingFrames * channels)),
      gains_(static_cast<std::size_t>(kRingFrames), 1.0),
      sum_(static_cast<double>(kAheadFrames + 1)),
      untouched_(kAheadFrames + 1) {}

const float* PeakLimiter::samples_from(std::int64_t frame, int channel) const {
  return history_.data() + static_cast<std::size_t>(channel) * 2 * kRingFrames + ring(frame);
}

void PeakLimiter::remember(const float* frame) {
  float* ring_of_channel = history_.data() + ring(pushed_);
  for (int channel = 0; channel < channels_; ++channel, ring_of_channel += 2 * kRingFrames) {
    ring_of_channel[0] = ring_of_channel[kRingFrames] = frame[channel];
  }
}

void PeakLimiter::process(std::span<const float> interleaved, std::vector<float>& out) {
  const auto channels = static_cast<std::size_t>(channels_);
  const auto loud = static_cast<float>(ceiling_ / static_cast<double>(PointsBetween::filter().most));
  while (!interleaved.empty()) {
    const auto run = interleaved.first(std::min(interleaved.size(), kRunFrames * channels));
    interleaved = interleaved.subspan(run.size());
    float highest = 0.0F;
    for (const float sample : run) highest = std::max(highest, std::fabs(sample));
    if (highest < loud && is_idle()) {
      pass(run, out);
      continue;
    }
    for (std::size_t at = 0; at < run.size(); at += channels) push(run.data() + at, out);
  }
}

void PeakLimiter::finish(std::vector<float>& out) {
  const std::vector<float> silence(static_cast<std::size_t>(channels_));
  for (const std::int64_t whole = pushed_; emitted_ < whole;) push(silence.data(), out);
}

// Neither what was pushed nor what was done to it touches what comes next.
bool PeakLimiter::is_idle() const {
  return untouched_ > kAheadFrames && wants_.empty() && pushed_ > loud_until_ && last_between_ == 0.0F;
}

// push() for each frame of a run that is not loud, while idle: the same samples come out, at a tenth of the cost.
void PeakLimiter::pass(std::span<const float> interleaved, std::vector<float>& out) {
  for (std::size_t at = 0; at < interleaved.size(); at += static_cast<std::size_t>(channels_)) {
    remember(interleaved.data() + at);
    const std::int64_t ready = pushed_ - kHalfTaps - kAheadFrames;
    ++pushed_;
    gains_[ring(ready)] = 1.0;
    if (ready < 0) continue;
    for (int channel = 0; channel < channels_; ++channel) out.push_back(*samples_from(ready, channel));
    ++emitted_;
  }
}

// The highest point from the frame before `frame` to the one after it.
double PeakLimiter::peak_around(std::int64_t frame) {
  float highest = 0.0F;
  float between = 0.0F;
  for (int channel = 0; channel < channels_; ++channel) {
    highest = std::max(highest, std::fabs(*samples_from(frame, channel)));
    if (pushed_ > loud_until_) continue;
    const float* samples = samples_from(frame - kHalfTaps + 1, channel);
    std::array<float, PointsBetween::kPoints + 1> points{};
    for (const auto& taps : PointsBetween::filter().by_tap) {
      for (std::size_t point = 0; point < points.size(); ++point) points[point] += taps[point] * *samples;
      ++samples;
    }
    for (const float point : points) between = std::max(between, std::fabs(point));
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
  remember(frame);
  for (int channel = 0; channel < channels_; ++channel) {
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
  if (least == 1.0 && last_gain_ > 1.0 - kUntouched) last_gain_ = 1.0;
  untouched_ = last_gain_ == 1.0 ? untouched_ + 1 : 0;
  // Each of the gains averaged is low enough for this frame: so is their mean.
  double& oldest = gains_[ring(ready - kAheadFrames - 1)];
  sum_ += last_gain_ - oldest;
  gains_[ring(ready)] = last_gain_;
  if (untouched_ > kAheadFrames) sum_ = static_cast<double>(kAheadFrames + 1);
  if (ready < 0) return;
  const auto gain = static_cast<float>(sum_ / static_cast<double>(kAheadFrames + 1));
  for (int channel = 0; channel < channels_; ++channel) out.push_back(*samples_from(ready, channel) * gain);
  ++emitted_;
}

}  // namespace vivid::render
