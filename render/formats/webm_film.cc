#include "render/formats/webm_film.h"

#include <deque>
#include <utility>

#include "base/check.h"
#include "render/encode/av_log.h"
#include "render/formats/media_output.h"
#include "render/package/language_code.h"

extern "C" {
#include <libavutil/imgutils.h>
}

namespace vivid::render {
namespace {

constexpr AVRational kSoundTimeBase{1, CodedSound::kSampleRateHz};
// Of VP9, 0 to 63: about as good as H.264 at 20 to 23.
constexpr const char* kQuality = "31";

Result<av::Codec> open_encoder(const WebmOptions& options) {
  const AvLogCapture said;
  const AVCodec* encoder = avcodec_find_encoder_by_name("libvpx-vp9");
  if (encoder == nullptr) return fail(ErrorCode::unsupported, "FFmpeg was built without libvpx");
  av::Codec codec(avcodec_alloc_context3(encoder));
  VIVID_CHECK(codec != nullptr);
  codec->width = options.size.width_px;
  codec->height = options.size.height_px;
  codec->pix_fmt = AV_PIX_FMT_YUV420P;
  codec->time_base = {1, options.frames_per_second};
  codec->framerate = {options.frames_per_second, 1};
  codec->sample_aspect_ratio = {1, 1};
  codec->thread_count = options.threads;
  codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
  codec->color_primaries = AVCOL_PRI_BT709;
  codec->color_trc = AVCOL_TRC_BT709;
  codec->colorspace = AVCOL_SPC_BT709;
  codec->color_range = AVCOL_RANGE_MPEG;
  codec->chroma_sample_location = AVCHROMA_LOC_LEFT;
  // Places to start are asked for: the encoder counts pictures, not time.
  codec->gop_size = 9'999;
  av::Dictionary settings;
  settings.set("crf", kQuality);
  settings.set("b", "0");
  settings.set("deadline", "good");
  settings.set("cpu-used", "5");
  settings.set("row-mt", "1");
  settings.set("lag-in-frames", "16");
  settings.set("auto-alt-ref", "1");
  settings.set("tune-content", "screen");
  const int opened = avcodec_open2(codec.get(), encoder, settings.address());
  if (opened < 0) return tl::make_unexpected(av::error(opened, "open libvpx-vp9"));
  if (settings.left_over() != nullptr) {
    return fail(ErrorCode::unsupported, std::string("libvpx-vp9 does not know ") + settings.left_over());
  }
  return codec;
}

}  // namespace

struct WebmFilm::State {
  WebmOptions options;
  std::unique_ptr<CodedSound> sound;
  std::unique_ptr<MediaOutput> output;
  av::Codec encoder;
  av::Frame picture = av::make_frame();
  av::Packet packet = av::make_packet();
  AVStream* video = nullptr;
  AVStream* audio = nullptr;
  std::deque<std::int64_t> shown;  // first frames of the pictures that are with the encoder, and one after them
  std::int64_t last_shown = -1;
  std::int64_t last_start = -1;

  AVRational time_base() const { return {1, options.frames_per_second}; }

  Status add_tracks() {
    const av::Parameters parameters(avcodec_parameters_alloc());
    VIVID_CHECK(parameters != nullptr);
    const int copied = avcodec_parameters_from_context(parameters.get(), encoder.get());
    if (copied < 0) return tl::make_unexpected(av::error(copied, "describe the video"));
    VIVID_ASSIGN(video, output->add(*parameters, time_base()));
    VIVID_TRY(sound->describe(*parameters));
    VIVID_ASSIGN(audio, output->add(*parameters, kSoundTimeBase));
    av_dict_set(&audio->metadata, "language", iso_639_2(options.language).c_str(), 0);
    if (!options.title.empty()) av_dict_set(&output->muxer().metadata, "title", options.title.c_str(), 0);
    av::Dictionary settings;
    settings.set("cues_to_front", "1");
    // Room for a place to start every few seconds of an hour.
    settings.set("reserve_index_space", "65536");
    return output->begin(settings);
  }

  Status advance_sound(std::chrono::microseconds time) {
    VIVID_TRY(sound->advance_to(time, [this](AVPacket& made) {
      // Times in the file are with the encoder's running start, which players leave out.
      made.pts += audio->codecpar->initial_padding;
      made.dts = made.pts;
      return output->write(made, *audio, kSoundTimeBase);
    }));
    return {};
  }

  // Null: there is nothing more to come.
  Status send(const AVFrame* frame) {
    const int sent = avcodec_send_frame(encoder.get(), frame);
    if (sent < 0) return tl::make_unexpected(av::error(sent, "libvpx-vp9: encode a picture"));
    for (;;) {
      const int got = avcodec_receive_packet(encoder.get(), packet.get());
      if (got == AVERROR(EAGAIN) || got == AVERROR_EOF) return {};
      if (got < 0) return tl::make_unexpected(av::error(got, "libvpx-vp9: encode"));
      const Status written = write();
      av_packet_unref(packet.get());
      VIVID_TRY(written);
    }
  }

  // A picture lasts until the next one comes, the last until the end.
  Status write() {
    while (!shown.empty() && shown.front() <= packet->pts) shown.pop_front();
    packet->duration = (shown.empty() ? options.frames : shown.front()) - packet->pts;
    VIVID_TRY(advance_sound(std::chrono::microseconds(packet->pts * 1'000'000 / options.frames_per_second)));
    return output->write(*packet, *video, time_base());
  }

  Status copy(const YuvView& from) {
    const int writable = av_frame_make_writable(picture.get());
    if (writable < 0) return tl::make_unexpected(av::error(writable, "allocate a picture"));
    const std::uint8_t* planes[4] = {from.planes[0], from.planes[1], from.planes[2], nullptr};
    const int strides[4] = {from.strides_bytes[0], from.strides_bytes[1], from.strides_bytes[2], 0};
    av_image_copy(picture->data, picture->linesize, planes, strides, AV_PIX_FMT_YUV420P, picture->width,
                  picture->height);
    return {};
  }
};

WebmFilm::WebmFilm(std::unique_ptr<State> state) : state_(std::move(state)) {}
WebmFilm::~WebmFilm() = default;

Result<std::unique_ptr<WebmFilm>> WebmFilm::open(const WebmOptions& options, std::unique_ptr<CodedSound> sound) {
  auto state = std::make_unique<State>();
  state->options = options;
  VIVID_ASSIGN(state->encoder, open_encoder(options));
  state->sound = std::move(sound);
  VIVID_ASSIGN(state->output, MediaOutput::create("webm", options.directory / kVideoWebm));
  VIVID_TRY(state->add_tracks());
  AVFrame& picture = *state->picture;
  picture.format = AV_PIX_FMT_YUV420P;
  picture.width = options.size.width_px;
  picture.height = options.size.height_px;
  const int allocated = av_frame_get_buffer(&picture, 0);
  if (allocated < 0) return tl::make_unexpected(av::error(allocated, "allocate a picture"));
  return std::unique_ptr<WebmFilm>(new WebmFilm(std::move(state)));
}

Status WebmFilm::show(std::int64_t index, const ComposedFrame& frame) {
  State& state = *state_;
  const bool first = state.last_shown < 0;
  const bool changed = first || !frame.held;
  if (!changed && index - state.last_shown < state.options.frames_per_second) return {};
  if (changed) VIVID_TRY(state.copy(frame.picture));
  const bool starts = first || (changed && index - state.last_start >= std::int64_t{state.options.keyframe_seconds} *
                                                                           state.options.frames_per_second);
  state.picture->pict_type = starts ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
  state.picture->pts = index;
  if (starts) state.last_start = index;
  state.last_shown = index;
  state.shown.push_back(index);
  return state.send(state.picture.get());
}

Status WebmFilm::finish() {
  VIVID_TRY(state_->send(nullptr));
  VIVID_TRY(state_->advance_sound(std::chrono::microseconds::max()));
  VIVID_TRY(state_->output->finish());
  return state_->output->publish();
}

}  // namespace vivid::render
