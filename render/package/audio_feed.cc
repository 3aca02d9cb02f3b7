#include "render/package/audio_feed.h"

#include <utility>

namespace vivid::render {
namespace {

// About one AAC frame of speech at 22 kHz: keeps the two streams close in the file.
constexpr std::size_t kStepSamples = 512;

std::chrono::microseconds time_of(std::int64_t samples, int rate_hz) {
  return std::chrono::microseconds(samples * 1'000'000 / rate_hz);
}

}  // namespace

AudioFeed::AudioFeed(WavReader reader, std::unique_ptr<AacEncoder> encoder)
    : reader_(std::move(reader)), encoder_(std::move(encoder)), buffer_(kStepSamples) {}

Result<AudioFeed> AudioFeed::open(const std::filesystem::path& wav) {
  VIVID_ASSIGN(WavReader reader, WavReader::open(wav));
  VIVID_ASSIGN(auto encoder, AacEncoder::open(reader.sample_rate_hz()));
  return AudioFeed(std::move(reader), std::move(encoder));
}

std::chrono::microseconds AudioFeed::duration() const {
  return time_of(reader_.sample_count(), reader_.sample_rate_hz());
}

std::chrono::microseconds AudioFeed::position() const { return time_of(samples_read_, reader_.sample_rate_hz()); }

Result<std::size_t> AudioFeed::step(Mp4Writer& writer) {
  VIVID_ASSIGN(const std::size_t count, reader_.read(buffer_));
  samples_read_ += static_cast<std::int64_t>(count);
  if (count == 0) {
    at_end_ = true;
    return count;
  }
  VIVID_TRY(encoder_->encode(std::span(buffer_).first(count),
                             [&writer](AVPacket& packet) { return writer.write_audio(packet); }));
  return count;
}

Status AudioFeed::advance_to(std::chrono::microseconds time, Mp4Writer& writer) {
  while (!at_end_ && position() < time) VIVID_TRY(step(writer));
  return {};
}

Status AudioFeed::finish(Mp4Writer& writer) {
  while (!at_end_) VIVID_TRY(step(writer));
  return encoder_->finish([&writer](AVPacket& packet) { return writer.write_audio(packet); });
}

}  // namespace vivid::render
