// Keeps true peaks (ITU-R BS.1770-4, Annex 2: of the wave between the samples, too) below a ceiling. It looks ahead, so
// that the gain is down before the peak comes and nothing is cut off; it comes back slowly enough not to be heard.
//
// Threads: one limiter, one thread. Memory: a constant. Units: 48 kHz, interleaved, 1.0 is full scale.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

namespace vivid::render {

class PeakLimiter {
 public:
  PeakLimiter(int channels, double ceiling_dbtp);

  // Appends what is ready to `out`: as much as came in, later by the time it looks ahead.
  void process(std::span<const float> interleaved, std::vector<float>& out);
  // Appends the rest.
  void finish(std::vector<float>& out);

 private:
  struct Want {
    std::int64_t frame = 0;
    double gain = 1.0;
  };
  bool is_idle() const;
  void pass(std::span<const float> interleaved, std::vector<float>& out);
  void push(const float* frame, std::vector<float>& out);
  void remember(const float* frame);
  const float* samples_from(std::int64_t frame, int channel) const;
  double peak_around(std::int64_t frame);
  double least_ahead(std::int64_t frame, double wanted);

  int channels_;
  double ceiling_;
  std::vector<float> history_;  // a ring of frames for each channel, twice over, so that no run of them is broken
  std::vector<double> gains_;   // a ring of gains, not yet smoothed
  std::deque<Want> wants_;      // rising gains, of the frames ahead
  std::int64_t pushed_ = 0;
  std::int64_t emitted_ = 0;
  std::int64_t loud_until_ = -1;
  float last_between_ = 0.0F;
  double last_gain_ = 1.0;
  double sum_;
  std::int64_t untouched_;  // how many gains in a row have been 1
};

}  // namespace vivid::render
