// How loud sound is, as people hear it: integrated loudness of ITU-R BS.1770-4 (Annex 1: K-weighting, 400 ms blocks,
// gates at -70 LUFS and 10 LU below), by libebur128; and its true peak, by true_peak.h, which is as exact and many
// times as fast as libebur128's.
//
// Threads: one meter, one thread. Memory: a few bytes a tenth of a second of sound. A lone channel counts twice: it is
// heard from two loudspeakers. Errors: resource_exhausted.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "base/error.h"

namespace vivid::render {

class LoudnessMeter {
 public:
  // 48 kHz.
  static Result<LoudnessMeter> create(int channels, bool with_peaks);
  LoudnessMeter(LoudnessMeter&&) noexcept;
  LoudnessMeter& operator=(LoudnessMeter&&) noexcept;
  ~LoudnessMeter();

  Status add(std::span<const float> interleaved);
  // Nothing above -70 LUFS was heard: none. What is shorter than a block counts as if silence followed.
  std::optional<double> loudness_lufs();
  // -infinity for digital silence. Nothing can be added afterwards.
  double true_peak_dbtp();

 private:
  struct State;
  explicit LoudnessMeter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace vivid::render
