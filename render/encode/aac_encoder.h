// The voice becomes AAC-LC: 48 kHz, two equal channels, 128 kbit/s.
//
// Threads: one encoder, one thread. Memory: a few frames. Units: packet times count samples at 48 kHz; the first packet
// begins before 0 by the encoder's priming, which the muxer turns into an edit list, so that sound and picture agree.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/error.h"
#include "render/encode/packet_sink.h"

struct AVCodecParameters;

namespace vivid::render {

class AacEncoder {
 public:
  static constexpr int kSampleRateHz = 48'000;

  static Result<std::unique_ptr<AacEncoder>> open(int input_rate_hz);
  ~AacEncoder();

  Status encode(std::span<const std::int16_t> mono, const PacketSink& sink);
  // Hands over the rest. Nothing can be encoded afterwards.
  Status finish(const PacketSink& sink);
  // For a muxer's stream.
  Status describe(AVCodecParameters& parameters) const;

 private:
  struct State;
  explicit AacEncoder(std::unique_ptr<State> state);
  Status resample(const std::int16_t* mono, int count);
  Status encode_pending(bool all, const PacketSink& sink);
  Status send(std::size_t offset, int count, const PacketSink& sink);
  Status drain(const PacketSink& sink);
  std::unique_ptr<State> state_;
};

}  // namespace vivid::render
