// A 16-bit mono PCM WAV file, written as the sound comes.
//
// Threads: one writer, one thread. Ownership: writes PATH.part; finish() syncs it and renames it into place, so that a
// file of the final name is always whole. Without finish() the part is removed.
// Errors: those of the disk; too_large beyond what the format can hold (4 GiB).
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>

#include "base/error.h"

namespace vivid::render {

class WavWriter {
 public:
  static Result<WavWriter> create(const std::filesystem::path& path, int sample_rate_hz);
  WavWriter(WavWriter&&) noexcept = default;
  WavWriter& operator=(WavWriter&&) = delete;
  ~WavWriter();

  Status write(std::span<const std::int16_t> samples);
  Status write_silence(std::int64_t samples);
  Status finish();

  std::int64_t samples() const { return samples_; }

 private:
  struct Close {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
  };
  WavWriter(std::filesystem::path path, int sample_rate_hz) : path_(std::move(path)), sample_rate_hz_(sample_rate_hz) {}
  std::filesystem::path part() const;
  Status write_header();

  std::filesystem::path path_;
  int sample_rate_hz_;
  std::int64_t samples_ = 0;
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace vivid::render
