#include "render/encode/video_encoder.h"

#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "base/check.h"
#include "render/encode/av.h"
#include "render/encode/encoder_settings.h"
#include "render/encode/held_stream.h"

extern "C" {
#include <libavutil/imgutils.h>
}

namespace vivid::render {
namespace {

constexpr std::array kEncoders{EncoderKind{"h264_nvenc", true}, EncoderKind{"libx264", false}};

std::string version_in_stream(const AVPacket& packet) {
  constexpr std::string_view kStart = "x264 - core ";
  const std::string_view bytes(reinterpret_cast<const char*>(packet.data), static_cast<std::size_t>(packet.size));
  const std::size_t start = bytes.find(kStart);
  if (start == std::string_view::npos) return {};
  const std::size_t end = bytes.find(" - ", start + kStart.size());
  return end == std::string_view::npos ? std::string{} : std::string(bytes.substr(start, end - start));
}

}  // namespace

std::span<const EncoderKind> known_encoders() { return kEncoders; }

const EncoderKind* find_encoder(std::string_view name) {
  for (const EncoderKind& kind : kEncoders) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

struct VideoEncoder::State {
  std::string name;
  av::Codec codec;
  av::Frame frame;
  av::Packet packet = av::make_packet();
  std::unique_ptr<HeldStream> held;  // null: the encoder is shown every frame
  std::string hold_problem;
  std::string library_version;
  std::int64_t encoded = 0;
  bool has_picture = false;
  bool has_packets = false;

  // A video can be made without it, only slower: what stands in the way is kept, not returned.
  Status open_for_holding(const EncoderKind& kind, const RenderOptions& options) {
    VIVID_ASSIGN(codec, open_codec(kind, options, true));
    const std::int64_t gap = std::int64_t{options.keyframe_seconds} * options.frames_per_second;
    auto stream = HeldStream::create(*codec, kind.hardware ? SpliceVariant::closed : SpliceVariant::continuous, gap,
                                     worth_of_held(options));
    if (stream.has_value()) {
      held = std::move(*stream);
      return {};
    }
    hold_problem = stream.error().message;
    codec.reset();
    return {};
  }

  Status copy_picture(const YuvView& picture) {
    AVFrame& to = *frame;
    VIVID_CHECK(picture.width_px == to.width && picture.height_px == to.height);
    // Takes a fresh buffer where the encoder still looks at the picture before.
    const int writable = av_frame_make_writable(&to);
    if (writable < 0) return tl::make_unexpected(av::error(writable, "allocate a picture"));
    const std::uint8_t* planes[4] = {picture.planes[0], picture.planes[1], picture.planes[2], nullptr};
    const int strides[4] = {picture.strides_bytes[0], picture.strides_bytes[1], picture.strides_bytes[2], 0};
    av_image_copy(to.data, to.linesize, planes, strides, AV_PIX_FMT_YUV420P, to.width, to.height);
    has_picture = true;
    return {};
  }

  // Null: there is nothing more to come.
  Status send(AVFrame* what, const PacketSink& sink) {
    const int sent = avcodec_send_frame(codec.get(), what);
    if (sent < 0) return tl::make_unexpected(av::error(sent, name + ": encode a picture"));
    if (what != nullptr) ++encoded;
    for (;;) {
      const int received = avcodec_receive_packet(codec.get(), packet.get());
      if (received == AVERROR(EAGAIN) || received == AVERROR_EOF) return {};
      if (received < 0) return tl::make_unexpected(av::error(received, name + ": encode"));
      const Status taken = pass_on(sink);
      av_packet_unref(packet.get());
      VIVID_TRY(taken);
    }
  }

  Status pass_on(const PacketSink& sink) {
    if (!std::exchange(has_packets, true)) library_version = version_in_stream(*packet);
    if (!held) {
      packet->duration = 1;
      return sink(*packet);
    }
    // What the sink says is not the stream's fault.
    bool sink_failed = false;
    const Status taken = held->take(*packet, [&](AVPacket& spliced) {
      Status status = sink(spliced);
      sink_failed = !status.has_value();
      return status;
    });
    if (!taken.has_value() && !sink_failed) hold_problem = taken.error().message;
    return taken;
  }

  Status send_waiting(const PacketSink& sink) {
    if (!held->waits()) return {};
    held->prepare(*frame);
    return send(frame.get(), sink);
  }
};

VideoEncoder::VideoEncoder(std::unique_ptr<State> state) : state_(std::move(state)) {}
VideoEncoder::~VideoEncoder() = default;

Result<std::unique_ptr<VideoEncoder>> VideoEncoder::open(std::string_view name, const RenderOptions& options) {
  const EncoderKind* kind = find_encoder(name);
  if (kind == nullptr) return fail(ErrorCode::invalid_input, "encoder " + std::string(name) + " is not known");
  if (options.keyframe_seconds < 1 || options.keyframe_seconds > kMostKeyframeSeconds) {
    return fail(ErrorCode::invalid_input, "keyframe_seconds is " + std::to_string(options.keyframe_seconds) +
                                              ", allowed: 1 to " + std::to_string(kMostKeyframeSeconds));
  }
  auto state = std::make_unique<State>();
  state->name = std::string(name);
  if (options.hold_still_frames) VIVID_TRY(state->open_for_holding(*kind, options));
  if (!state->held) {
    VIVID_ASSIGN(state->codec, open_codec(*kind, options, false));
  }
  VIVID_ASSIGN(state->frame, make_picture(options));
  return std::unique_ptr<VideoEncoder>(new VideoEncoder(std::move(state)));
}

Status VideoEncoder::encode(std::int64_t index, const ComposedFrame& composed, const PacketSink& sink) {
  State& state = *state_;
  const bool changed = !composed.held || !state.has_picture;
  if (!state.held) {
    if (changed) VIVID_TRY(state.copy_picture(composed.picture));
    state.frame->pts = index;
    return state.send(state.frame.get(), sink);
  }
  if (!changed) {
    state.held->hold();
    return {};
  }
  VIVID_TRY(state.send_waiting(sink));
  VIVID_TRY(state.copy_picture(composed.picture));
  state.held->begin(index, composed.passing);
  return {};
}

Status VideoEncoder::finish(const PacketSink& sink) {
  if (!state_->held) return state_->send(nullptr, sink);
  VIVID_TRY(state_->send_waiting(sink));
  VIVID_TRY(state_->send(nullptr, sink));
  const Status finished = state_->held->finish();
  if (!finished.has_value()) state_->hold_problem = finished.error().message;
  return finished;
}

std::string_view VideoEncoder::name() const { return state_->name; }
int VideoEncoder::frames_per_second() const { return state_->codec->framerate.num; }
std::int64_t VideoEncoder::pictures_encoded() const { return state_->encoded; }
const std::string& VideoEncoder::hold_problem() const { return state_->hold_problem; }
const std::string& VideoEncoder::library_version() const { return state_->library_version; }

Status VideoEncoder::describe(AVCodecParameters& parameters) const {
  const int copied = avcodec_parameters_from_context(&parameters, state_->codec.get());
  if (copied < 0) return tl::make_unexpected(av::error(copied, "describe the video stream"));
  if (!state_->held) return {};
  const std::vector<std::uint8_t>& headers = state_->held->headers();
  av_freep(&parameters.extradata);
  parameters.extradata = static_cast<std::uint8_t*>(av_mallocz(headers.size() + AV_INPUT_BUFFER_PADDING_SIZE));
  VIVID_CHECK(parameters.extradata != nullptr);
  std::memcpy(parameters.extradata, headers.data(), headers.size());
  parameters.extradata_size = static_cast<int>(headers.size());
  return {};
}

}  // namespace vivid::render
