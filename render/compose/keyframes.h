// Values that change over time: keyframes, and how one leads to the next.
//
// Threads: values. Units: frames of the video.
#pragma once

#include <cstdint>
#include <vector>

namespace vivid::render {

enum class Easing {
  linear,
  gentle,  // starts and ends slowly
  settle,  // starts fast and comes to rest
};

// 0 … 1 to 0 … 1.
double eased(double t, Easing easing);

struct Key {
  std::int64_t frame = 0;
  double value = 0.0;
  Easing easing = Easing::linear;  // on the way to the next key
};

// Before its first key a track has that key's value, after its last one that one's.
class Track {
 public:
  explicit Track(double value) : keys_{{0, value, Easing::linear}} {}
  // Keys in order of their frames, at least one.
  explicit Track(std::vector<Key> keys);

  double at(std::int64_t frame) const;
  bool changes_within(std::int64_t first, std::int64_t last) const;

 private:
  std::vector<Key> keys_;
};

}  // namespace vivid::render
