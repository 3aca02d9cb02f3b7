#include "render/speech/wav_writer.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/files.h"

namespace vivid::render {
namespace {

static_assert(std::endian::native == std::endian::little, "samples are written as they lie in memory");

constexpr std::uint32_t kHeaderBytes = 44;
constexpr std::uint32_t kBytesPerSample = 2;
constexpr std::int64_t kMaxSamples = (0xffff'ffffLL - kHeaderBytes) / kBytesPerSample;

class Header {
 public:
  void tag(const char (&text)[5]) {
    std::memcpy(bytes_.data() + size_, text, 4);
    size_ += 4;
  }
  void u32(std::uint32_t value) { put(value, 4); }
  void u16(std::uint32_t value) { put(value, 2); }
  const std::array<unsigned char, kHeaderBytes>& bytes() const { return bytes_; }

 private:
  void put(std::uint32_t value, int count) {
    for (int i = 0; i < count; ++i) bytes_[size_++] = static_cast<unsigned char>(value >> (8 * i));
  }
  std::array<unsigned char, kHeaderBytes> bytes_{};
  std::size_t size_ = 0;
};

}  // namespace

Result<WavWriter> WavWriter::create(const std::filesystem::path& path, int sample_rate_hz) {
  WavWriter writer(path, sample_rate_hz);
  writer.file_.reset(std::fopen(writer.part().c_str(), "wbe"));
  if (writer.file_ == nullptr) return tl::make_unexpected(errno_error(errno, "cannot create " + path.string()));
  VIVID_TRY(writer.write_header());
  return writer;
}

WavWriter::~WavWriter() {
  if (file_ == nullptr) return;
  std::error_code ignored;
  std::filesystem::remove(part(), ignored);
}

std::filesystem::path WavWriter::part() const { return path_.string() + ".part"; }

Status WavWriter::write_header() {
  const auto data_bytes = static_cast<std::uint32_t>(samples_) * kBytesPerSample;
  const auto rate = static_cast<std::uint32_t>(sample_rate_hz_);
  Header header;
  header.tag("RIFF");
  header.u32(kHeaderBytes - 8 + data_bytes);
  header.tag("WAVE");
  header.tag("fmt ");
  header.u32(16);
  header.u16(1);  // PCM
  header.u16(1);  // channels
  header.u32(rate);
  header.u32(rate * kBytesPerSample);
  header.u16(kBytesPerSample);
  header.u16(8 * kBytesPerSample);
  header.tag("data");
  header.u32(data_bytes);
  const bool written = std::fseek(file_.get(), 0, SEEK_SET) == 0 &&
                       std::fwrite(header.bytes().data(), 1, kHeaderBytes, file_.get()) == kHeaderBytes;
  if (!written) return tl::make_unexpected(errno_error(errno, "cannot write " + part().string()));
  return {};
}

Status WavWriter::write(std::span<const std::int16_t> samples) {
  if (samples.empty()) return {};
  if (samples_ + static_cast<std::int64_t>(samples.size()) > kMaxSamples) {
    return fail(ErrorCode::too_large, "the narration is longer than a WAV file can hold");
  }
  if (std::fwrite(samples.data(), kBytesPerSample, samples.size(), file_.get()) != samples.size()) {
    return tl::make_unexpected(errno_error(errno, "cannot write " + part().string()));
  }
  samples_ += static_cast<std::int64_t>(samples.size());
  return {};
}

Status WavWriter::write_silence(std::int64_t samples) {
  constexpr std::array<std::int16_t, 4096> kSilence{};
  while (samples > 0) {
    const std::int64_t count = std::min<std::int64_t>(samples, kSilence.size());
    VIVID_TRY(write(std::span(kSilence.data(), static_cast<std::size_t>(count))));
    samples -= count;
  }
  return {};
}

Status WavWriter::finish() {
  VIVID_TRY(write_header());
  if (std::fflush(file_.get()) != 0 || ::fsync(::fileno(file_.get())) != 0) {
    return tl::make_unexpected(errno_error(errno, "cannot sync " + part().string()));
  }
  std::error_code error;
  std::filesystem::rename(part(), path_, error);
  if (error) return tl::make_unexpected(errno_error(error.value(), "cannot rename " + part().string()));
  file_.reset();
  return sync_directory(path_.parent_path().empty() ? "." : path_.parent_path());
}

}  // namespace vivid::render
