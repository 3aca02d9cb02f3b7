#include "render/sound/ducking.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "render/sound/sound_source.h"

namespace vivid::render {
namespace {

constexpr std::int64_t kAttackFrames = kSoundRateHz * 3 / 10;
// Longer than the rest between two sentences: music that comes and goes with each of them disturbs more than it helps.
constexpr std::int64_t kHoldFrames = kSoundRateHz * 6 / 10;
constexpr std::int64_t kReleaseFrames = kSoundRateHz * 12 / 10;

std::int64_t frame_of(std::chrono::microseconds time) { return time.count() * kSoundRateHz / 1'000'000; }

}  // namespace

DuckCurve::DuckCurve(const Narration& narration) {
  for (const SpokenUtterance& utterance : narration.utterances) {
    if (utterance.end > utterance.start) spoken_.push_back({frame_of(utterance.start), frame_of(utterance.end)});
  }
}

double DuckCurve::amount(std::int64_t frame) {
  while (latest_ + 1 < spoken_.size() && spoken_[latest_ + 1].start <= frame) ++latest_;
  double most = 0.0;
  for (std::size_t i = latest_; i < std::min(latest_ + 2, spoken_.size()); ++i) {
    const auto [start, end] = spoken_[i];
    const double rising = 1.0 - static_cast<double>(start - frame) / kAttackFrames;
    const double falling = 1.0 - static_cast<double>(frame - end - kHoldFrames) / kReleaseFrames;
    most = std::max(most, std::min(rising, falling));
  }
  return 0.5 - 0.5 * std::cos(std::numbers::pi * std::clamp(most, 0.0, 1.0));
}

}  // namespace vivid::render
