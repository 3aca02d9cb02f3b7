#include "render/compose/frame_rate.h"

namespace vivid::render {
namespace {

constexpr std::int64_t kMicroseconds = 1'000'000;

// Both factors in one fraction: times of some days stay far from overflow.
std::int64_t per_frame(FrameRate rate) { return rate.denominator * kMicroseconds; }

}  // namespace

std::int64_t frame_at(std::chrono::microseconds time, FrameRate rate) {
  return (time.count() * rate.numerator + per_frame(rate) / 2) / per_frame(rate);
}

std::int64_t frames_covering(std::chrono::microseconds duration, FrameRate rate) {
  return (duration.count() * rate.numerator + per_frame(rate) - 1) / per_frame(rate);
}

std::chrono::microseconds time_of_frame(std::int64_t frame, FrameRate rate) {
  return std::chrono::microseconds((frame * per_frame(rate) + rate.numerator / 2) / rate.numerator);
}

}  // namespace vivid::render
