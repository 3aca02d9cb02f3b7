#include "render/encode/video_encoder.h"

#include <array>
#include <utility>

#include "base/check.h"
#include "render/encode/av.h"
#include "render/encode/av_log.h"
#include "render/encode/opening_error.h"

extern "C" {
#include <libavutil/imgutils.h>
}

namespace vivid::render {
namespace {

constexpr std::array kEncoders{EncoderKind{"h264_nvenc", true}, EncoderKind{"libx264", false}};
constexpr int kKeyframeSeconds = 5;

void describe_picture(const RenderOptions& options, AVCodecContext& codec) {
  codec.width = options.width_px;
  codec.height = options.height_px;
  codec.pix_fmt = AV_PIX_FMT_YUV420P;
  codec.time_base = {1, options.frames_per_second};
  codec.framerate = {options.frames_per_second, 1};
  codec.sample_aspect_ratio = {1, 1};
  codec.gop_size = kKeyframeSeconds * options.frames_per_second;
  codec.thread_count = options.encoder_threads;
  // Parameter sets go into the MP4's sample description.
  codec.flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT | AV_CODEC_FLAG_CLOSED_GOP;
  codec.color_primaries = AVCOL_PRI_BT709;
  codec.color_trc = AVCOL_TRC_BT709;
  codec.colorspace = AVCOL_SPC_BT709;
  codec.color_range = AVCOL_RANGE_MPEG;
  codec.chroma_sample_location = AVCHROMA_LOC_LEFT;
}

void set_software_options(const RenderOptions& options, av::Dictionary& settings) {
  settings.set("preset", options.preset.c_str());
  settings.set("crf", std::to_string(options.crf).c_str());
  // Lossless coding does not exist in the High profile: x264 then chooses High 4:4:4 Predictive by itself.
  if (options.crf > 0) settings.set("profile", "high");
}

void set_nvenc_options(const RenderOptions& options, av::Dictionary& settings) {
  settings.set("profile", "high");
  settings.set("preset", "p5");
  settings.set("forced-idr", "1");
  if (options.crf == 0) {
    settings.set("tune", "lossless");
    return;
  }
  settings.set("tune", "hq");
  settings.set("rc", "vbr");
  settings.set("cq", std::to_string(options.crf).c_str());
  settings.set("b", "0");
}

Error opening_error(int number, const EncoderKind& kind, const std::vector<std::string>& said) {
  std::string lines;
  for (const std::string& line : said) lines += (lines.empty() ? "" : "; ") + line;
  const ErrorCode code = opening_error_code(kind, number, lines);
  if (lines.empty()) lines = av::error(number, "cannot be opened").message;
  return Error{code, std::string(kind.name) + ": " + lines};
}

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
  av::Frame frame = av::make_frame();
  av::Packet packet = av::make_packet();
  std::string library_version;
  bool has_picture = false;
  bool has_packets = false;
};

VideoEncoder::VideoEncoder(std::unique_ptr<State> state) : state_(std::move(state)) {}
VideoEncoder::~VideoEncoder() = default;

Result<std::unique_ptr<VideoEncoder>> VideoEncoder::open(std::string_view name, const RenderOptions& options) {
  const EncoderKind* kind = find_encoder(name);
  if (kind == nullptr) return fail(ErrorCode::invalid_input, "encoder " + std::string(name) + " is not known");
  const AvLogCapture said;
  auto state = std::make_unique<State>();
  state->name = std::string(name);
  const AVCodec* codec = avcodec_find_encoder_by_name(state->name.c_str());
  if (codec == nullptr) return fail(ErrorCode::unsupported, state->name + ": FFmpeg was built without it");
  state->codec.reset(avcodec_alloc_context3(codec));
  VIVID_CHECK(state->codec != nullptr);
  describe_picture(options, *state->codec);
  av::Dictionary settings;
  if (kind->hardware) {
    set_nvenc_options(options, settings);
  } else {
    set_software_options(options, settings);
  }
  const int opened = avcodec_open2(state->codec.get(), codec, settings.address());
  if (opened < 0) return tl::make_unexpected(opening_error(opened, *kind, said.lines()));
  if (settings.left_over() != nullptr) {
    return fail(ErrorCode::unsupported, state->name + ": this FFmpeg does not know its option " + settings.left_over());
  }
  AVFrame& frame = *state->frame;
  frame.format = AV_PIX_FMT_YUV420P;
  frame.width = options.width_px;
  frame.height = options.height_px;
  frame.color_primaries = AVCOL_PRI_BT709;
  frame.color_trc = AVCOL_TRC_BT709;
  frame.colorspace = AVCOL_SPC_BT709;
  frame.color_range = AVCOL_RANGE_MPEG;
  frame.chroma_location = AVCHROMA_LOC_LEFT;
  const int allocated = av_frame_get_buffer(&frame, 0);
  if (allocated < 0) return tl::make_unexpected(av::error(allocated, "allocate a picture"));
  return std::unique_ptr<VideoEncoder>(new VideoEncoder(std::move(state)));
}

Status VideoEncoder::encode(std::int64_t index, const ComposedFrame& composed, const PacketSink& sink) {
  AVFrame& frame = *state_->frame;
  VIVID_CHECK(composed.picture.width_px == frame.width && composed.picture.height_px == frame.height);
  if (!composed.held || !state_->has_picture) {
    // Takes a fresh buffer where the encoder still looks at the picture before.
    const int writable = av_frame_make_writable(&frame);
    if (writable < 0) return tl::make_unexpected(av::error(writable, "allocate a picture"));
    const std::uint8_t* planes[4] = {composed.picture.planes[0], composed.picture.planes[1], composed.picture.planes[2],
                                     nullptr};
    const int strides[4] = {composed.picture.strides_bytes[0], composed.picture.strides_bytes[1],
                            composed.picture.strides_bytes[2], 0};
    av_image_copy(frame.data, frame.linesize, planes, strides, AV_PIX_FMT_YUV420P, frame.width, frame.height);
    state_->has_picture = true;
  }
  frame.pts = index;
  const int sent = avcodec_send_frame(state_->codec.get(), &frame);
  if (sent < 0) return tl::make_unexpected(av::error(sent, state_->name + ": encode a picture"));
  return drain(sink);
}

Status VideoEncoder::finish(const PacketSink& sink) {
  const int sent = avcodec_send_frame(state_->codec.get(), nullptr);
  if (sent < 0) return tl::make_unexpected(av::error(sent, state_->name + ": finish"));
  return drain(sink);
}

Status VideoEncoder::drain(const PacketSink& sink) {
  for (;;) {
    AVPacket& packet = *state_->packet;
    const int received = avcodec_receive_packet(state_->codec.get(), &packet);
    if (received == AVERROR(EAGAIN) || received == AVERROR_EOF) return {};
    if (received < 0) return tl::make_unexpected(av::error(received, state_->name + ": encode"));
    if (!std::exchange(state_->has_packets, true)) state_->library_version = version_in_stream(packet);
    packet.duration = 1;
    const Status taken = sink(packet);
    av_packet_unref(&packet);
    VIVID_TRY(taken);
  }
}

std::string_view VideoEncoder::name() const { return state_->name; }
int VideoEncoder::frames_per_second() const { return state_->codec->framerate.num; }
const std::string& VideoEncoder::library_version() const { return state_->library_version; }

Status VideoEncoder::describe(AVCodecParameters& parameters) const {
  const int copied = avcodec_parameters_from_context(&parameters, state_->codec.get());
  if (copied < 0) return tl::make_unexpected(av::error(copied, "describe the video stream"));
  return {};
}

}  // namespace vivid::render
