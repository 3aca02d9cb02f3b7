// Moves the packets of narration.m4a into another file, as far as asked, so that sound and picture are interleaved
// without either being held in memory.
//
// Threads: one feed, one thread. Ownership: borrows the writer.
#pragma once

#include <chrono>
#include <memory>

#include "base/error.h"
#include "render/encode/aac_reader.h"
#include "render/package/mp4_writer.h"

namespace vivid::render {

class AudioFeed {
 public:
  static Result<AudioFeed> open(const std::filesystem::path& m4a);

  const SoundTrack& track() const { return *reader_; }
  std::chrono::microseconds duration() const;
  std::chrono::microseconds position() const;
  // Everything up to `time`, and at most a packet more.
  Status advance_to(std::chrono::microseconds time, Mp4Writer& writer);
  Status finish(Mp4Writer& writer);

 private:
  explicit AudioFeed(std::unique_ptr<AacReader> reader) : reader_(std::move(reader)) {}
  Status step(Mp4Writer& writer);

  std::unique_ptr<AacReader> reader_;
  bool at_end_ = false;
};

}  // namespace vivid::render
