// The packets of an M4A that was made here, for another file: sound is encoded once, however many files carry it.
//
// Threads: one reader, one thread. Memory: a packet, and the index of the file. Units: packet times count samples at
// 48 kHz and begin with the encoder's priming, as they came from AacEncoder.
// Errors: those of the disk; data_corrupt for a file without AAC at 48 kHz.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "render/encode/packet_sink.h"
#include "render/encode/sound_track.h"

namespace vivid::render {

class AacReader final : public SoundTrack {
 public:
  static Result<std::unique_ptr<AacReader>> open(const std::filesystem::path& m4a);
  ~AacReader() override;

  Status describe(AVCodecParameters& parameters) const override;
  // How long it is heard.
  std::int64_t samples() const;
  // Hands over the next packet; false: there is none.
  Result<bool> next(const PacketSink& sink);
  // Where the last packet ended.
  std::int64_t position() const;

 private:
  struct State;
  explicit AacReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace vivid::render
