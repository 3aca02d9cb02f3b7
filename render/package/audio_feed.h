// Moves narration.wav through the AAC encoder into a file, as far as asked, so that sound and picture are interleaved
// without either being held in memory.
//
// Threads: one feed, one thread. Ownership: borrows the writer.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "base/error.h"
#include "render/encode/aac_encoder.h"
#include "render/encode/wav_reader.h"
#include "render/package/mp4_writer.h"

namespace vivid::render {

class AudioFeed {
 public:
  static Result<AudioFeed> open(const std::filesystem::path& wav);

  const AacEncoder& encoder() const { return *encoder_; }
  std::chrono::microseconds duration() const;
  std::chrono::microseconds position() const;
  // Everything up to `time`, and at most a fraction of a second more.
  Status advance_to(std::chrono::microseconds time, Mp4Writer& writer);
  Status finish(Mp4Writer& writer);

 private:
  AudioFeed(WavReader reader, std::unique_ptr<AacEncoder> encoder);
  Result<std::size_t> step(Mp4Writer& writer);

  WavReader reader_;
  std::unique_ptr<AacEncoder> encoder_;
  std::vector<std::int16_t> buffer_;
  std::int64_t samples_read_ = 0;
  bool at_end_ = false;
};

}  // namespace vivid::render
