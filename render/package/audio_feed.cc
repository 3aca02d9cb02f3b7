#include "render/package/audio_feed.h"

namespace vivid::render {
namespace {

std::chrono::microseconds time_of(std::int64_t samples) {
  return std::chrono::microseconds(samples * 1'000'000 / SoundTrack::kSampleRateHz);
}

}  // namespace

Result<AudioFeed> AudioFeed::open(const std::filesystem::path& m4a) {
  VIVID_ASSIGN(auto reader, AacReader::open(m4a));
  return AudioFeed(std::move(reader));
}

std::chrono::microseconds AudioFeed::duration() const { return time_of(reader_->samples()); }
std::chrono::microseconds AudioFeed::position() const { return time_of(reader_->position()); }

Status AudioFeed::step(Mp4Writer& writer) {
  VIVID_ASSIGN(const bool more, reader_->next([&writer](AVPacket& packet) { return writer.write_audio(packet); }));
  at_end_ = !more;
  return {};
}

Status AudioFeed::advance_to(std::chrono::microseconds time, Mp4Writer& writer) {
  while (!at_end_ && position() < time) VIVID_TRY(step(writer));
  return {};
}

Status AudioFeed::finish(Mp4Writer& writer) {
  while (!at_end_) VIVID_TRY(step(writer));
  return {};
}

}  // namespace vivid::render
