#include "render/encode/video_encoder.h"

#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "base/check.h"
#include "render/encode/av.h"
#include "render/encode/encoder_settings.h"
#include "render/encode/held_stream.h"
#include "render/encode/libav_session.h"
#include "render/encode/x264_session.h"

namespace vivid::render {
namespace {

constexpr std::array kEncoders{EncoderKind{"h264_nvenc", true}, EncoderKind{"libx264", false}};

std::string version_in_stream(std::span<const std::uint8_t> stream) {
  constexpr std::string_view kStart = "x264 - core ";
  const std::string_view bytes(reinterpret_cast<const char*>(stream.data()), stream.size());
  const std::size_t start = bytes.find(kStart);
  if (start == std::string_view::npos) return {};
  const std::size_t end = bytes.find(" - ", start + kStart.size());
  return end == std::string_view::npos ? std::string{} : std::string(bytes.substr(start, end - start));
}

}  // namespace

Result<std::unique_ptr<EncoderSession>> open_encoder_session(const EncoderKind& kind, const RenderOptions& options,
                                                             bool splicing) {
  return kind.hardware ? open_libav_session(kind, options, splicing) : open_x264_session(options, splicing);
}

std::span<const EncoderKind> known_encoders() { return kEncoders; }

const EncoderKind* find_encoder(std::string_view name) {
  for (const EncoderKind& kind : kEncoders) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

struct VideoEncoder::State {
  std::string name;
  int frames_per_second = 0;
  std::unique_ptr<EncoderSession> session;
  av::Packet packet = av::make_packet();
  std::unique_ptr<HeldStream> held;  // null: the encoder is shown every frame
  std::string hold_problem;
  std::string library_version;
  std::int64_t encoded = 0;
  bool has_picture = false;
  bool has_packets = false;

  // A video can be made without it, only slower: what stands in the way is kept, not returned.
  Status open_for_holding(const EncoderKind& kind, const RenderOptions& options, const SessionOpener& opener) {
    VIVID_ASSIGN(session, opener(kind, options, true));
    const std::int64_t gap = std::int64_t{options.keyframe_seconds} * options.frames_per_second;
    auto stream =
        HeldStream::create(session->headers(), kind.hardware ? SpliceVariant::closed : SpliceVariant::continuous, gap,
                           worth_of_held(options));
    if (stream.has_value()) {
      held = std::move(*stream);
      return {};
    }
    hold_problem = stream.error().message;
    session.reset();
    return {};
  }

  Status load(const ComposedFrame& frame) {
    const PixelRect all{0, 0, frame.picture.width_px, frame.picture.height_px};
    const bool whole = !has_picture || frame.damage.empty();
    VIVID_TRY(session->load(frame.picture, whole ? std::span(&all, 1) : std::span(frame.damage.rects())));
    has_picture = true;
    return {};
  }

  Status give(std::span<const std::uint8_t> bytes, std::int64_t pts, std::int64_t dts, int flags,
              const PacketSink& sink) {
    const int allocated = av_new_packet(packet.get(), static_cast<int>(bytes.size()));
    if (allocated < 0) return tl::make_unexpected(av::error(allocated, "keep a picture"));
    std::memcpy(packet->data, bytes.data(), bytes.size());
    packet->pts = pts;
    packet->dts = dts;
    packet->duration = 1;
    packet->flags = flags;
    Status taken = sink(*packet);
    av_packet_unref(packet.get());
    return taken;
  }

  CodedSink receiver(const PacketSink& sink) {
    return [this, &sink](const CodedPicture& picture) -> Status {
      if (!std::exchange(has_packets, true)) library_version = version_in_stream(picture.bytes);
      if (held) return splice(picture, sink);
      const int flags = (picture.key ? AV_PKT_FLAG_KEY : 0) | (picture.disposable ? AV_PKT_FLAG_DISPOSABLE : 0);
      return give(picture.bytes, picture.time, picture.decoding_time, flags, sink);
    };
  }

  Status splice(const CodedPicture& picture, const PacketSink& sink) {
    // What the sink says is not the stream's fault.
    bool sink_failed = false;
    const Status taken = held->take(picture, [&](const SplicedPacket& spliced) {
      const int flags = (spliced.sync ? AV_PKT_FLAG_KEY : 0) | (spliced.disposable ? AV_PKT_FLAG_DISPOSABLE : 0);
      Status status = give(spliced.bytes, spliced.pts, spliced.dts, flags, sink);
      sink_failed = !status.has_value();
      return status;
    });
    if (!taken.has_value() && !sink_failed) hold_problem = taken.error().message;
    return taken;
  }

  Status send(const PictureOrder& order, const PacketSink& sink) {
    ++encoded;
    return session->encode(order, receiver(sink));
  }

  Status send_waiting(bool mixed_after, const PacketSink& sink) {
    if (!held->waits()) return {};
    for (const PictureOrder& order : held->take_orders(mixed_after)) VIVID_TRY(send(order, sink));
    return {};
  }

  Status encode_held(std::int64_t index, const ComposedFrame& frame, const PacketSink& sink) {
    if (frame.held && has_picture) {
      if (held->mixes()) held->settle();
      held->hold();
      return {};
    }
    const bool mixed = has_picture && held->can_mix(frame);
    // What has gathered is mixed with the end of its transition, or ends in itself.
    const bool is_end = !frame.passing || frame.next_share == kWholeNextShare;
    if (!mixed && held->mixes() && !is_end) held->settle();
    VIVID_TRY(send_waiting(mixed, sink));
    VIVID_TRY(load(frame));
    if (mixed) {
      held->mix(index, frame);
    } else {
      held->begin(index, frame);
    }
    return {};
  }
};

VideoEncoder::VideoEncoder(std::unique_ptr<State> state) : state_(std::move(state)) {}
VideoEncoder::~VideoEncoder() = default;

Result<std::unique_ptr<VideoEncoder>> VideoEncoder::open(std::string_view name, const RenderOptions& options) {
  return open(name, options, open_encoder_session);
}

Result<std::unique_ptr<VideoEncoder>> VideoEncoder::open(std::string_view name, const RenderOptions& options,
                                                         const SessionOpener& opener) {
  const EncoderKind* kind = find_encoder(name);
  if (kind == nullptr) return fail(ErrorCode::invalid_input, "encoder " + std::string(name) + " is not known");
  if (options.keyframe_seconds < 1 || options.keyframe_seconds > kMostKeyframeSeconds) {
    return fail(ErrorCode::invalid_input, "keyframe_seconds is " + std::to_string(options.keyframe_seconds) +
                                              ", allowed: 1 to " + std::to_string(kMostKeyframeSeconds));
  }
  auto state = std::make_unique<State>();
  state->name = std::string(name);
  state->frames_per_second = options.frames_per_second;
  if (options.hold_still_frames) VIVID_TRY(state->open_for_holding(*kind, options, opener));
  if (!state->held) {
    VIVID_ASSIGN(state->session, opener(*kind, options, false));
  }
  return std::unique_ptr<VideoEncoder>(new VideoEncoder(std::move(state)));
}

Status VideoEncoder::encode(std::int64_t index, const ComposedFrame& composed, const PacketSink& sink) {
  State& state = *state_;
  if (state.held) return state.encode_held(index, composed, sink);
  if (!composed.held || !state.has_picture) VIVID_TRY(state.load(composed));
  return state.send({index}, sink);
}

Status VideoEncoder::finish(const PacketSink& sink) {
  State& state = *state_;
  if (state.held) {
    if (state.held->mixes()) state.held->settle();
    VIVID_TRY(state.send_waiting(false, sink));
  }
  VIVID_TRY(state.session->finish(state.receiver(sink)));
  if (!state.held) return {};
  const Status finished = state.held->finish();
  if (!finished.has_value()) state.hold_problem = finished.error().message;
  return finished;
}

std::string_view VideoEncoder::name() const { return state_->name; }
int VideoEncoder::frames_per_second() const { return state_->frames_per_second; }
std::int64_t VideoEncoder::pictures_encoded() const { return state_->encoded; }
const std::string& VideoEncoder::hold_problem() const { return state_->hold_problem; }
const std::string& VideoEncoder::library_version() const { return state_->library_version; }

Status VideoEncoder::describe(AVCodecParameters& parameters) const {
  VIVID_TRY(state_->session->describe(parameters));
  const std::span<const std::uint8_t> headers =
      state_->held ? std::span<const std::uint8_t>(state_->held->headers()) : state_->session->headers();
  av_freep(&parameters.extradata);
  parameters.extradata = static_cast<std::uint8_t*>(av_mallocz(headers.size() + AV_INPUT_BUFFER_PADDING_SIZE));
  VIVID_CHECK(parameters.extradata != nullptr);
  std::memcpy(parameters.extradata, headers.data(), headers.size());
  parameters.extradata_size = static_cast<int>(headers.size());
  return {};
}

}  // namespace vivid::render
