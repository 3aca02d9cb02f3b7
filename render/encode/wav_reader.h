// Reads narration.wav piece by piece: RIFF/WAVE, 16-bit PCM, one channel.
//
// Threads: one reader, one thread. Errors: data_corrupt for another format or a file that ends too soon.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "base/error.h"
#include "base/files.h"

namespace vivid::render {

class WavReader {
 public:
  static Result<WavReader> open(const std::filesystem::path& path);

  int sample_rate_hz() const { return sample_rate_hz_; }
  std::int64_t sample_count() const { return sample_count_; }
  // Fills the front of `samples`; how many were read, 0 at the end.
  Result<std::size_t> read(std::span<std::int16_t> samples);

 private:
  WavReader() = default;
  Status read_header();
  Status read_exactly(std::span<std::byte> bytes);

  UniqueFd fd_;
  std::filesystem::path path_;
  int sample_rate_hz_ = 0;
  std::int64_t sample_count_ = 0;
  std::int64_t samples_left_ = 0;
};

}  // namespace vivid::render
