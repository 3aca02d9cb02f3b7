// A stream of AAC packets, as far as a muxer must know it. Packet times count samples at 48 kHz.
//
// Threads: as whoever implements it says.
#pragma once

#include "base/error.h"

struct AVCodecParameters;

namespace vivid::render {

class SoundTrack {
 public:
  static constexpr int kSampleRateHz = 48'000;
  virtual ~SoundTrack() = default;
  // For a muxer's stream.
  virtual Status describe(AVCodecParameters& parameters) const = 0;
};

}  // namespace vivid::render
