// The finished sound of a lesson in another coding: decoded from narration.m4a, encoded anew, as far as asked.
//
// Threads: one object, one thread. Memory: a few frames. Units: packet times count samples at 48 kHz; where the encoder
// needs a running start, the first packet begins before 0.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include "base/error.h"
#include "render/encode/packet_sink.h"

struct AVCodecParameters;

namespace vivid::render {

struct SoundCoding {
  const char* encoder = "";  // libavcodec's name
  int bitrate_bps = 0;
};
inline constexpr SoundCoding kOpus{"libopus", 96'000};
inline constexpr SoundCoding kMp3{"libmp3lame", 128'000};

class TranscodedSound {
 public:
  static constexpr int kSampleRateHz = 48'000;

  // Errors: unsupported when FFmpeg was built without the encoder; those of reading.
  static Result<std::unique_ptr<TranscodedSound>> open(const std::filesystem::path& file, const SoundCoding& coding);
  ~TranscodedSound();

  // For a muxer's track.
  Status describe(AVCodecParameters& parameters) const;
  // Hands over packets up to `time`, and a few more. False: that was all.
  Result<bool> advance_to(std::chrono::microseconds time, const PacketSink& sink);

 private:
  struct State;
  explicit TranscodedSound(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace vivid::render
