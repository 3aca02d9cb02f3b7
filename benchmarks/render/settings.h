// What is measured, and how: the same for everybody who takes part.
//
// Threads: values. Units: in the names.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"

namespace vivid::bench {

struct Settings {
  std::vector<std::string> timelines{"slides60", "lesson600", "kenburns60"};
  std::vector<std::string> peers{"ffmpeg", "melt"};
  std::string preset = "medium";
  int crf = 20;
  int threads = 2;  // of every encoder
  int width_px = 1920;
  int height_px = 1080;
  int frames_per_second = 30;
  int keyframe_seconds = 5;  // playing can start at least every so many seconds
  double seconds = 0;        // at most so much of each timeline, in whole scenes; 0: all of it
  int runs = 3;
  bool quality = true;

  std::int64_t frame_bytes() const { return std::int64_t{3} * width_px * height_px / 2; }
  int longest_gap() const { return keyframe_seconds * frames_per_second; }
  std::string size() const { return std::to_string(width_px) + "x" + std::to_string(height_px); }
};

// How fast the silent voice of vivid-render speaks: the timelines are written for it.
inline constexpr int kWordsPerMinute = 400;

// Says why, and ends the benchmark.
[[noreturn]] void give_up(const std::string& why);

template <typename T>
T need(Result<T> result) {
  if (!result) give_up(result.error().describe());
  return std::move(*result);
}
inline void need(const Status& status) {
  if (!status) give_up(status.error().describe());
}

}  // namespace vivid::bench
