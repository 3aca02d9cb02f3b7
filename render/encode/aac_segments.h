// Long sound becomes AAC on several cores: segments are encoded side by side, each from a running start in the one
// before, and joined where both encoders had come to the same window, so that what overlaps adds up. Segments begin at
// fixed places: the bytes do not depend on how many cores there are.
//
// Threads: one object, one thread, on which packets are handed over in order; encoders run on threads of their own.
// Memory: a segment a thread, and its packets. Units, errors: as AacEncoder.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/error.h"
#include "render/encode/packet_sink.h"
#include "render/encode/sound_track.h"

namespace vivid::render {

class AacSegments final : public SoundTrack {
 public:
  // Frames of 1,024 samples.
  static constexpr std::int64_t kSegmentFrames = 1024;

  // `channels` as AacEncoder; `threads` at least one.
  static Result<std::unique_ptr<AacSegments>> open(int channels, int threads);
  ~AacSegments() override;

  // Interleaved, 48 kHz, 1.0 is full scale.
  Status encode(std::span<const float> interleaved, const PacketSink& sink);
  // Hands over the rest. Nothing can be encoded afterwards.
  Status finish(const PacketSink& sink);
  Status describe(AVCodecParameters& parameters) const override;

 private:
  struct State;
  explicit AacSegments(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace vivid::render
