#include "render/package/mp4_writer.h"

#include <cstring>
#include <utility>

#include "base/check.h"
#include "render/encode/av.h"
#include "render/package/captions_track.h"
#include "render/package/language_code.h"
#include "render/package/publish.h"
#include "render/package/track_flags.h"

namespace vivid::render {
namespace {

using std::chrono::microseconds;

constexpr AVRational kMicroseconds{1, 1'000'000};
constexpr AVRational kMilliseconds{1, 1'000};

struct CloseMuxer {
  void operator()(AVFormatContext* muxer) const {
    avio_closep(&muxer->pb);
    avformat_free_context(muxer);
  }
};
using Muxer = std::unique_ptr<AVFormatContext, CloseMuxer>;

Result<AVStream*> add_stream(AVFormatContext& muxer, AVRational time_base, const std::string& language) {
  AVStream* stream = avformat_new_stream(&muxer, nullptr);
  VIVID_CHECK(stream != nullptr);
  stream->time_base = time_base;
  av_dict_set(&stream->metadata, "language", language.c_str(), 0);
  return stream;
}

// The list and its entries belong to the muxer from here on.
void add_chapters(AVFormatContext& muxer, const std::vector<Chapter>& chapters) {
  if (chapters.empty()) return;
  muxer.chapters = static_cast<AVChapter**>(av_calloc(chapters.size(), sizeof(AVChapter*)));
  VIVID_CHECK(muxer.chapters != nullptr);
  for (std::size_t i = 0; i < chapters.size(); ++i) {
    auto* chapter = static_cast<AVChapter*>(av_mallocz(sizeof(AVChapter)));
    VIVID_CHECK(chapter != nullptr);
    chapter->id = static_cast<std::int64_t>(i) + 1;
    chapter->time_base = kMilliseconds;
    chapter->start = std::chrono::round<std::chrono::milliseconds>(chapters[i].start).count();
    chapter->end = std::chrono::round<std::chrono::milliseconds>(chapters[i].end).count();
    av_dict_set(&chapter->metadata, "title", chapters[i].title.c_str(), 0);
    muxer.chapters[muxer.nb_chapters++] = chapter;
  }
}

void describe_captions(AVCodecParameters& parameters, const CaptionLook& look) {
  parameters.codec_type = AVMEDIA_TYPE_SUBTITLE;
  parameters.codec_id = AV_CODEC_ID_MOV_TEXT;
  parameters.width = look.width_px;
  parameters.height = look.height_px;
  const std::vector<std::uint8_t> description = timed_text_description(look);
  parameters.extradata = static_cast<std::uint8_t*>(av_mallocz(description.size() + AV_INPUT_BUFFER_PADDING_SIZE));
  VIVID_CHECK(parameters.extradata != nullptr);
  std::memcpy(parameters.extradata, description.data(), description.size());
  parameters.extradata_size = static_cast<int>(description.size());
}

}  // namespace

struct Mp4Writer::State {
  explicit State(const Mp4Options& options)
      : file(options.path), name(options.path.filename().string()), captions(options.captions) {}

  UnfinishedFile file;
  std::string name;
  Muxer muxer;
  AVStream* video = nullptr;
  AVStream* audio = nullptr;
  AVStream* text = nullptr;
  AVRational video_base{0, 1};
  std::vector<Caption> captions;
  std::size_t next_caption = 0;
  bool captions_shown = false;
  av::Packet packet = av::make_packet();

  Status add_streams(const Mp4Options& options, const VideoEncoder* encoder, const SoundTrack& sound) {
    if (encoder != nullptr) {
      video_base = {1, encoder->frames_per_second()};
      VIVID_ASSIGN(video, add_stream(*muxer, video_base, "und"));
      VIVID_TRY(encoder->describe(*video->codecpar));
      video->avg_frame_rate = {encoder->frames_per_second(), 1};
    }
    VIVID_ASSIGN(audio, add_stream(*muxer, {1, SoundTrack::kSampleRateHz}, iso_639_2(options.language)));
    VIVID_TRY(sound.describe(*audio->codecpar));
    if (encoder != nullptr && !captions.empty()) {
      VIVID_ASSIGN(text, add_stream(*muxer, kMilliseconds, iso_639_2(options.caption_language)));
      describe_captions(*text->codecpar, {video->codecpar->width, video->codecpar->height, options.caption_scale,
                                          options.captions_shown});
      captions_shown = options.captions_shown;
    }
    return {};
  }

  Status begin() {
    const std::string path = file.path().string();
    int result = avio_open(&muxer->pb, path.c_str(), AVIO_FLAG_WRITE);
    if (result < 0) return tl::make_unexpected(av::error(result, "create " + path));
    av::Dictionary settings;
    settings.set("movflags", "+faststart");
    result = avformat_write_header(muxer.get(), settings.address());
    if (result < 0) return tl::make_unexpected(av::error(result, "begin " + name));
    return {};
  }

  // Written at once: the order of the calls is the order in the file, so that nothing waits for a sparse track.
  Status write(AVPacket& from, AVStream& stream, AVRational time_base) {
    const int referenced = av_packet_ref(packet.get(), &from);
    if (referenced < 0) return tl::make_unexpected(av::error(referenced, "write " + name));
    packet->stream_index = stream.index;
    av_packet_rescale_ts(packet.get(), time_base, stream.time_base);
    const int written = av_write_frame(muxer.get(), packet.get());
    av_packet_unref(packet.get());
    if (written < 0) return tl::make_unexpected(av::error(written, "write " + name));
    return {};
  }
};

Mp4Writer::Mp4Writer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Mp4Writer::~Mp4Writer() = default;

Result<std::unique_ptr<Mp4Writer>> Mp4Writer::open(const Mp4Options& options, const VideoEncoder* video,
                                                   const SoundTrack& audio) {
  auto state = std::make_unique<State>(options);
  AVFormatContext* muxer = nullptr;
  const int allocated =
      avformat_alloc_output_context2(&muxer, nullptr, video == nullptr ? "ipod" : "mp4", state->file.path().c_str());
  if (allocated < 0) return tl::make_unexpected(av::error(allocated, "create " + state->name));
  state->muxer.reset(muxer);
  muxer->flags |= AVFMT_FLAG_BITEXACT;  // neither dates nor library versions
  if (!options.title.empty()) av_dict_set(&muxer->metadata, "title", options.title.c_str(), 0);
  add_chapters(*muxer, options.chapters);
  VIVID_TRY(state->add_streams(options, video, audio));
  VIVID_TRY(state->begin());
  return std::unique_ptr<Mp4Writer>(new Mp4Writer(std::move(state)));
}

Status Mp4Writer::write_video(AVPacket& packet) {
  VIVID_CHECK(state_->video != nullptr);
  VIVID_TRY(write_captions_until(microseconds(av_rescale_q(packet.dts, state_->video_base, kMicroseconds))));
  return state_->write(packet, *state_->video, state_->video_base);
}

Status Mp4Writer::write_audio(AVPacket& packet) {
  const AVRational time_base{1, SoundTrack::kSampleRateHz};
  VIVID_TRY(write_captions_until(microseconds(av_rescale_q(packet.dts, time_base, kMicroseconds))));
  return state_->write(packet, *state_->audio, time_base);
}

Status Mp4Writer::write_captions_until(microseconds time) {
  if (state_->text == nullptr) return {};
  for (; state_->next_caption < state_->captions.size(); ++state_->next_caption) {
    const Caption& caption = state_->captions[state_->next_caption];
    if (caption.start > time) return {};
    std::string sample = timed_text_sample(caption);
    const av::Packet packet = av::make_packet();
    const int allocated = av_new_packet(packet.get(), static_cast<int>(sample.size()));
    if (allocated < 0) return tl::make_unexpected(av::error(allocated, "write a caption"));
    std::memcpy(packet->data, sample.data(), sample.size());
    packet->flags |= AV_PKT_FLAG_KEY;
    packet->pts = packet->dts = std::chrono::round<std::chrono::milliseconds>(caption.start).count();
    packet->duration = std::chrono::round<std::chrono::milliseconds>(caption.end).count() - packet->pts;
    VIVID_TRY(state_->write(*packet, *state_->text, kMilliseconds));
  }
  return {};
}

Status Mp4Writer::finish() {
  VIVID_TRY(write_captions_until(microseconds::max()));
  const int ended = av_write_trailer(state_->muxer.get());
  if (ended < 0) return tl::make_unexpected(av::error(ended, "finish " + state_->name));
  const int closed = avio_closep(&state_->muxer->pb);
  if (closed < 0) return tl::make_unexpected(av::error(closed, "close " + state_->name));
  if (state_->text != nullptr && !state_->captions_shown) {
    VIVID_TRY(disable_track(state_->file.path(), state_->text->index));
  }
  return state_->file.publish();
}

}  // namespace vivid::render
