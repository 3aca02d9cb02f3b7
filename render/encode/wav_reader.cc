#include "render/encode/wav_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <string>

namespace vivid::render {
namespace {

static_assert(std::endian::native == std::endian::little, "WAVE samples are read in place");

constexpr int kMaxChunks = 32;

template <typename Integer>
Integer little_endian(std::span<const std::byte> bytes, std::size_t offset) {
  Integer value{};
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

bool is_tag(std::span<const std::byte> bytes, std::size_t offset, const char* tag) {
  return std::memcmp(bytes.data() + offset, tag, 4) == 0;
}

}  // namespace

Result<WavReader> WavReader::open(const std::filesystem::path& path) {
  WavReader reader;
  reader.path_ = path;
  reader.fd_ = UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!reader.fd_) return tl::make_unexpected(errno_error(errno, "open " + path.string()));
  VIVID_TRY(reader.read_header());
  return reader;
}

Status WavReader::read_exactly(std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::read(fd_.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return tl::make_unexpected(errno_error(errno, "read " + path_.string()));
    if (count == 0) return fail(ErrorCode::data_corrupt, path_.string() + " ends too soon");
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

// RIFF size WAVE, then chunks of tag, size and content padded to even length: "fmt " comes before "data".
Status WavReader::read_header() {
  std::array<std::byte, 12> riff{};
  VIVID_TRY(read_exactly(riff));
  if (!is_tag(riff, 0, "RIFF") || !is_tag(riff, 8, "WAVE")) {
    return fail(ErrorCode::data_corrupt, path_.string() + " is not a WAVE file");
  }
  for (int chunk = 0; chunk < kMaxChunks; ++chunk) {
    std::array<std::byte, 8> head{};
    VIVID_TRY(read_exactly(head));
    const std::uint32_t size_bytes = little_endian<std::uint32_t>(head, 4);
    if (is_tag(head, 0, "data")) {
      if (sample_rate_hz_ == 0) break;
      sample_count_ = samples_left_ = size_bytes / sizeof(std::int16_t);
      return {};
    }
    off_t skip_bytes = static_cast<off_t>(size_bytes) + size_bytes % 2;
    if (is_tag(head, 0, "fmt ") && size_bytes >= 16) {
      std::array<std::byte, 16> format{};
      VIVID_TRY(read_exactly(format));
      skip_bytes -= static_cast<off_t>(format.size());
      const bool is_mono_pcm16 = little_endian<std::uint16_t>(format, 0) == 1 &&
                                 little_endian<std::uint16_t>(format, 2) == 1 &&
                                 little_endian<std::uint16_t>(format, 14) == 16;
      const std::uint32_t rate_hz = little_endian<std::uint32_t>(format, 4);
      if (!is_mono_pcm16 || rate_hz < 1'000 || rate_hz > 384'000) break;
      sample_rate_hz_ = static_cast<int>(rate_hz);
    }
    if (::lseek(fd_.get(), skip_bytes, SEEK_CUR) < 0) {
      return tl::make_unexpected(errno_error(errno, "seek in " + path_.string()));
    }
  }
  return fail(ErrorCode::data_corrupt, path_.string() + " is not 16-bit mono PCM");
}

Result<std::size_t> WavReader::read(std::span<std::int16_t> samples) {
  const auto count = std::min<std::int64_t>(samples_left_, static_cast<std::int64_t>(samples.size()));
  const auto wanted = samples.first(static_cast<std::size_t>(count));
  VIVID_TRY(read_exactly(std::as_writable_bytes(wanted)));
  samples_left_ -= count;
  return wanted.size();
}

}  // namespace vivid::render
