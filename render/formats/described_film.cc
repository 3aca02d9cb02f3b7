#include "render/formats/described_film.h"

#include <array>
#include <limits>
#include <utility>

#include "render/formats/media_input.h"
#include "render/formats/media_output.h"

namespace vivid::render {
namespace {

// A track on its way from one file to the other, a packet ahead.
struct Passing {
  MediaInput from;
  const AVStream* to = nullptr;
  av::Packet packet = av::make_packet();
  bool has_packet = false;

  Status advance() {
    av_packet_unref(packet.get());
    VIVID_ASSIGN(has_packet, from.read(*packet));
    return {};
  }
  std::int64_t time() const {
    if (!has_packet) return std::numeric_limits<std::int64_t>::max();
    return av_rescale_q(packet->dts, from.time_base(), {1, 1'000'000});
  }
};

Result<AVStream*> add(MediaOutput& output, const MediaInput& from) {
  VIVID_ASSIGN(AVStream* const stream, output.add(*from.track().codecpar, from.time_base()));
  stream->avg_frame_rate = from.track().avg_frame_rate;
  av_dict_copy(&stream->metadata, from.track().metadata, 0);
  return stream;
}

}  // namespace

Status write_described_film(const DescribedFilm& film, const std::function<bool()>& keep_going) {
  VIVID_ASSIGN(MediaInput picture, MediaInput::open(film.video, AVMEDIA_TYPE_VIDEO));
  VIVID_ASSIGN(MediaInput sound, MediaInput::open(film.video, AVMEDIA_TYPE_AUDIO));
  VIVID_ASSIGN(MediaInput described, MediaInput::open(film.described_sound, AVMEDIA_TYPE_AUDIO));
  VIVID_ASSIGN(const auto output, MediaOutput::create("mp4", film.path));
  std::array<Passing, 3> tracks{Passing{std::move(picture)}, Passing{std::move(sound)}, Passing{std::move(described)}};
  for (Passing& track : tracks) {
    VIVID_ASSIGN(AVStream* const stream, add(*output, track.from));
    const bool is_description = &track == &tracks.back();
    stream->disposition = is_description ? AV_DISPOSITION_VISUAL_IMPAIRED : AV_DISPOSITION_DEFAULT;
    if (is_description) av_dict_set(&stream->metadata, "handler_name", "Audio description", 0);
    track.to = stream;
    VIVID_TRY(track.advance());
  }
  av_dict_copy(&output->muxer().metadata, tracks[0].from.file().metadata, 0);
  output->copy_chapters(tracks[0].from.file());
  av::Dictionary settings;
  settings.set("movflags", "+faststart");
  VIVID_TRY(output->begin(settings));
  for (;;) {
    Passing* next = &tracks[0];
    for (Passing& track : tracks) next = track.time() < next->time() ? &track : next;
    if (!next->has_packet) break;
    if (!keep_going()) return fail(ErrorCode::cancelled, "stopped while the described video was written");
    VIVID_TRY(output->write(*next->packet, *next->to, next->from.time_base()));
    VIVID_TRY(next->advance());
  }
  VIVID_TRY(output->finish());
  return output->publish();
}

}  // namespace vivid::render
