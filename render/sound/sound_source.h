// Where sound comes from, piece by piece: 48 kHz, interleaved, 1.0 is full scale.
//
// Threads: one source, one thread. Units: a frame is one sample of each channel.
#pragma once

#include <cstddef>
#include <span>

#include "base/error.h"

namespace vivid::render {

inline constexpr int kSoundRateHz = 48'000;

class SoundSource {
 public:
  virtual ~SoundSource() = default;
  virtual int channels() const = 0;
  // Fills the front of `samples`, which has room for whole frames; how many frames, 0 at the end.
  virtual Result<std::size_t> read(std::span<float> samples) = 0;
};

}  // namespace vivid::render
