// The highest point of the wave that samples stand for, between them too: ITU-R BS.1770-4, Annex 2, four points a
// sample. Only where a point could be higher than the highest so far are points computed: speech is cheap.
//
// Threads: one meter, one thread. Memory: a constant. Units: 48 kHz, interleaved, 1.0 is full scale.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace vivid::render {

// The points between a sample and the next one.
struct PointsBetween {
  static constexpr int kPoints = 3;
  static constexpr int kHalfTaps = 12;
  static constexpr int kTaps = 2 * kHalfTaps;

  // taps[p][t] weighs the sample t - kHalfTaps + 1 after the one that the points follow.
  std::array<std::array<float, kTaps>, kPoints> taps{};
  // The same by tap, with a point of nothing, so that the points of one place are computed side by side.
  std::array<std::array<float, kPoints + 1>, kTaps> by_tap{};
  // No point is higher than the highest sample within reach times this.
  float most = 1.0F;

  static const PointsBetween& filter();

 private:
  PointsBetween();
};

class TruePeak {
 public:
  explicit TruePeak(int channels);

  void add(std::span<const float> interleaved);
  // 0 for silence; nothing can be added afterwards.
  float finish();

 private:
  void measure(std::vector<float>& samples, std::size_t count);

  std::vector<std::vector<float>> channels_;  // what is not measured yet, after what lies within reach of it
  float highest_ = 0.0F;
};

}  // namespace vivid::render
