// Sound becomes AAC-LC: 48 kHz, two channels, at most about 130 kbit/s.
//
// Threads: one encoder, one thread. Memory: a few frames. Units: packet times count samples at 48 kHz; the first packet
// begins before 0 by the encoder's priming, which the muxer turns into an edit list, so that sound and picture agree.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/error.h"
#include "render/encode/packet_sink.h"
#include "render/encode/sound_track.h"

namespace vivid::render {

class AacEncoder final : public SoundTrack {
 public:
  // `channels` of what comes in: of one, both ears hear the same.
  static Result<std::unique_ptr<AacEncoder>> open(int channels);
  ~AacEncoder() override;

  // Interleaved, 48 kHz, 1.0 is full scale.
  Status encode(std::span<const float> interleaved, const PacketSink& sink);
  // Hands over the rest. Nothing can be encoded afterwards.
  Status finish(const PacketSink& sink);
  Status describe(AVCodecParameters& parameters) const override;

 private:
  struct State;
  explicit AacEncoder(std::unique_ptr<State> state);
  Status send(std::size_t offset, std::size_t frames, const PacketSink& sink);
  Status drain(const PacketSink& sink);
  Status hand_over_pair(const AVPacket& single, const PacketSink& sink);
  std::unique_ptr<State> state_;
};

}  // namespace vivid::render
