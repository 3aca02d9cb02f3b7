#include "render/formats/rung.h"

#include <array>
#include <cstring>
#include <optional>
#include <set>
#include <utility>

#include "base/check.h"
#include "render/encode/video_encoder.h"
#include "render/formats/fragmenter.h"
#include "render/formats/media_input.h"
#include "render/formats/media_output.h"
#include "render/package/captions_track.h"
#include "render/package/track_flags.h"
#include "render/spans/span_encoder.h"
#include "render/spans/span_joint.h"

namespace vivid::render {
namespace {

constexpr std::array kHeightsPx{1080, 720, 480};
constexpr int kEmptyCaptionBytes = 2;  // a length of 0
constexpr std::int64_t kShortestSpan = 2;

// A track that goes from the video into the smaller one as it is, packet by packet.
class CopiedTrack {
 public:
  // None: the video has no such track.
  static Result<std::unique_ptr<CopiedTrack>> open(const std::filesystem::path& video, AVMediaType type,
                                                   MediaOutput& output) {
    auto input = MediaInput::open(video, type);
    if (!input.has_value() && input.error().code == ErrorCode::not_found) return std::unique_ptr<CopiedTrack>();
    if (!input.has_value()) return tl::make_unexpected(std::move(input).error());
    std::unique_ptr<CopiedTrack> track(new CopiedTrack(std::move(*input)));
    VIVID_ASSIGN(track->stream_, output.add(*track->input_.track().codecpar, track->input_.time_base()));
    av_dict_copy(&track->stream_->metadata, track->input_.track().metadata, 0);
    av_dict_set(&track->stream_->metadata, "handler_name", nullptr, 0);
    VIVID_ASSIGN(track->more_, track->input_.read(*track->packet_));
    return track;
  }

  AVStream& stream() { return *stream_; }
  const MediaInput& input() const { return input_; }

  // Everything that begins before `time`.
  Status advance_to(std::int64_t time, AVRational base, MediaOutput& output) {
    while (more_ && av_compare_ts(packet_->dts, input_.time_base(), time, base) <= 0) VIVID_TRY(step(output));
    return {};
  }
  Status finish(MediaOutput& output) {
    while (more_) VIVID_TRY(step(output));
    return {};
  }

 private:
  explicit CopiedTrack(MediaInput input) : input_(std::move(input)) {}
  Status step(MediaOutput& output) {
    if (!is_gap()) VIVID_TRY(output.write(*packet_, *stream_, input_.time_base()));
    VIVID_ASSIGN(more_, input_.read(*packet_));
    return {};
  }

  // Where no caption is shown: the muxer puts these in by itself.
  bool is_gap() const {
    return input_.track().codecpar->codec_type == AVMEDIA_TYPE_SUBTITLE && packet_->size <= kEmptyCaptionBytes;
  }

  MediaInput input_;
  AVStream* stream_ = nullptr;
  av::Packet packet_ = av::make_packet();
  bool more_ = false;
};

void describe_captions(const RungOptions& options, AVCodecParameters& parameters) {
  parameters.width = options.size.width_px;
  parameters.height = options.size.height_px;
  const std::vector<std::uint8_t> description =
      timed_text_description({options.size.width_px, options.size.height_px, options.render.font_scale,
                              options.render.captions == CaptionMode::shown});
  av_freep(&parameters.extradata);
  parameters.extradata = static_cast<std::uint8_t*>(av_mallocz(description.size() + AV_INPUT_BUFFER_PADDING_SIZE));
  VIVID_CHECK(parameters.extradata != nullptr);
  std::memcpy(parameters.extradata, description.data(), description.size());
  parameters.extradata_size = static_cast<int>(description.size());
}

}  // namespace

std::vector<PictureSize> smaller_sizes(const PictureSize& video) {
  std::vector<PictureSize> sizes;
  for (const int height_px : kHeightsPx) {
    if (height_px < video.height_px) sizes.push_back(size_of_height(video, height_px));
  }
  return sizes;
}

std::string size_name(const PictureSize& size) { return std::to_string(size.height_px) + "p"; }

struct Rung::State {
  RungOptions options;
  RenderOptions smaller;
  std::unique_ptr<PictureScaler> scaler;
  std::unique_ptr<VideoEncoder> encoder;
  // Where the video starts afresh, and so does this one, with an encoder of its own for each span; none: one encoder
  // makes all of it.
  std::set<std::int64_t> starts;
  std::optional<SpanJoint> joint;
  EncodedSpan span;
  std::int64_t first = 0;  // frame of the span
  std::int64_t last = -1;  // frame that was shown
  std::unique_ptr<MediaOutput> output;
  AVStream* video = nullptr;
  std::unique_ptr<CopiedTrack> sound;
  std::unique_ptr<CopiedTrack> captions;
  YuvView picture;

  AVRational time_base() const { return {1, options.render.frames_per_second}; }

  Status add_tracks() {
    const av::Parameters parameters(avcodec_parameters_alloc());
    VIVID_CHECK(parameters != nullptr);
    VIVID_TRY(encoder->describe(*parameters));
    VIVID_ASSIGN(video, output->add(*parameters, time_base()));
    video->avg_frame_rate = {options.render.frames_per_second, 1};
    VIVID_ASSIGN(sound, CopiedTrack::open(options.video, AVMEDIA_TYPE_AUDIO, *output));
    if (!sound) return fail(ErrorCode::not_found, options.video.filename().string() + " has no sound");
    VIVID_ASSIGN(captions, CopiedTrack::open(options.video, AVMEDIA_TYPE_SUBTITLE, *output));
    if (captions) describe_captions(options, *captions->stream().codecpar);
    output->copy_chapters(sound->input().file());
    const AVDictionaryEntry* title = av_dict_get(sound->input().file().metadata, "title", nullptr, 0);
    if (title != nullptr) av_dict_set(&output->muxer().metadata, "title", title->value, 0);
    av::Dictionary settings;
    settings.set("movflags", "+faststart");
    return output->begin(settings);
  }

  // Spans that are cut otherwise than the video's have no places in common at which a player could change over.
  Status find_starts() {
    if (find_encoder(smaller.encoder)->hardware) return {};
    VIVID_ASSIGN(starts, starting_frames(options.video, smaller.frames_per_second, [] { return true; }));
    VIVID_ASSIGN(std::vector<std::uint8_t> headers, headers_of(*encoder));
    joint.emplace(std::move(headers));
    return {};
  }

  bool starts_afresh(std::int64_t index) const { return index >= first + kShortestSpan && starts.contains(index); }

  Status begin_span(std::int64_t index) {
    VIVID_TRY(end_span(index));
    VIVID_ASSIGN(encoder, VideoEncoder::open(smaller.encoder, smaller));
    first = index;
    return {};
  }

  Status end_span(std::int64_t end) {
    VIVID_TRY(encoder->finish(encoder_sink()));
    if (!joint) return {};
    VIVID_ASSIGN(span.headers, headers_of(*encoder));
    span.frames = end - first;
    VIVID_TRY(joint->give(span, sink()));
    span = {};
    return {};
  }

  PacketSink encoder_sink() { return joint ? recording(span) : sink(); }

  PacketSink sink() {
    return [this](AVPacket& packet) -> Status {
      VIVID_TRY(sound->advance_to(packet.dts, time_base(), *output));
      if (captions) VIVID_TRY(captions->advance_to(packet.dts, time_base(), *output));
      return output->write(packet, *video, time_base());
    };
  }
};

Rung::Rung(std::unique_ptr<State> state) : state_(std::move(state)) {}
Rung::~Rung() = default;

Result<std::unique_ptr<Rung>> Rung::open(const RungOptions& options) {
  auto state = std::make_unique<State>();
  state->options = options;
  const PictureSize from{options.render.width_px, options.render.height_px};
  VIVID_ASSIGN(state->scaler, PictureScaler::create(from, options.size, PictureColors::video));
  state->smaller = options.render;
  state->smaller.width_px = options.size.width_px;
  state->smaller.height_px = options.size.height_px;
  VIVID_ASSIGN(state->encoder, VideoEncoder::open(state->smaller.encoder, state->smaller));
  VIVID_TRY(state->find_starts());
  VIVID_ASSIGN(state->output, MediaOutput::create("mp4", options.path));
  VIVID_TRY(state->add_tracks());
  return std::unique_ptr<Rung>(new Rung(std::move(state)));
}

Status Rung::show(std::int64_t index, const ComposedFrame& frame) {
  State& state = *state_;
  const bool held = frame.held && state.picture.planes[0] != nullptr;
  if (!held) {
    VIVID_ASSIGN(state.picture, state.scaler->scale(frame.picture));
  }
  if (state.starts_afresh(index)) VIVID_TRY(state.begin_span(index));
  ComposedFrame smaller;
  smaller.picture = state.picture;
  smaller.held = held && index != state.first;
  smaller.passing = frame.passing;
  // What is mixed of two pictures is so at every size.
  smaller.next_share = frame.next_share;
  state.last = index;
  return state.encoder->encode(index - state.first, smaller, state.encoder_sink());
}

Status Rung::finish() {
  State& state = *state_;
  VIVID_TRY(state.end_span(state.last + 1));
  VIVID_TRY(state.sound->finish(*state.output));
  if (state.captions) VIVID_TRY(state.captions->finish(*state.output));
  VIVID_TRY(state.output->finish());
  if (state.captions && state.options.render.captions != CaptionMode::shown) {
    VIVID_TRY(disable_track(state.output->path(), state.captions->stream().index));
  }
  return state.output->publish();
}

std::vector<std::string> Rung::products() const {
  if (!state_->options.for_readers) return {};
  return {state_->options.path.filename().string()};
}

}  // namespace vivid::render
