// Frames and times, exactly: a rate is a fraction, so that nothing drifts however long a video is.
//
// Threads: free functions. Units: frames at a constant rate; times from the start of the video, up to some days.
#pragma once

#include <chrono>
#include <cstdint>

namespace vivid::render {

// Frames a second: 30/1, or 30000/1001 for 29.97.
struct FrameRate {
  std::int64_t numerator = 30;
  std::int64_t denominator = 1;
};

// The frame on whose time a moment falls, rounded to the nearest.
std::int64_t frame_at(std::chrono::microseconds time, FrameRate rate);
// Frames that cover the whole duration: a part of a frame counts as one.
std::int64_t frames_covering(std::chrono::microseconds duration, FrameRate rate);
// When a frame begins, rounded to the nearest microsecond.
std::chrono::microseconds time_of_frame(std::int64_t frame, FrameRate rate);

}  // namespace vivid::render
