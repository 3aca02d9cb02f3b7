#include "render/encode/aac_encoder.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "render/encode/aac_frame.h"
#include "render/encode/av.h"

namespace vivid::render {
namespace {

constexpr int kChannels = 2;
// One channel is coded once for both ears, and better than each of two.
constexpr std::int64_t kPairBps = 128'000;
constexpr std::int64_t kSingleBps = 96'000;

// Of AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1): five bits of object type and four of rate come before the four of
// channels.
void describe_pair(AVCodecParameters& parameters) {
  VIVID_CHECK(parameters.extradata_size >= 2);
  parameters.extradata[1] = static_cast<std::uint8_t>((parameters.extradata[1] & 0x87U) | (kChannels << 3U));
  av_channel_layout_uninit(&parameters.ch_layout);
  av_channel_layout_default(&parameters.ch_layout, kChannels);
}

Result<av::Codec> open_codec(int channels) {
  const AVCodec* codec = avcodec_find_encoder_by_name("aac");
  if (codec == nullptr) return fail(ErrorCode::unsupported, "FFmpeg was built without its AAC encoder");
  av::Codec context(avcodec_alloc_context3(codec));
  VIVID_CHECK(context != nullptr);
  context->sample_fmt = AV_SAMPLE_FMT_FLTP;
  context->sample_rate = AacEncoder::kSampleRateHz;
  context->bit_rate = channels == 1 ? kSingleBps : kPairBps;
  context->profile = FF_PROFILE_AAC_LOW;
  context->time_base = {1, AacEncoder::kSampleRateHz};
  context->thread_count = 1;
  context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
  av_channel_layout_default(&context->ch_layout, channels);
  // The fast search leaves less noise above what masks it than the default one, at fewer bits and a quarter of the
  // time; the tools switched off made speech and music worse at these rates (docs/decisions has the figures).
  av::Dictionary settings;
  settings.set("aac_coder", "fast");
  settings.set("aac_tns", "0");
  settings.set("aac_pns", "0");
  settings.set("aac_is", "0");
  const int opened = avcodec_open2(context.get(), codec, settings.address());
  if (opened < 0) return tl::make_unexpected(av::error(opened, "open the AAC encoder"));
  if (settings.left_over() != nullptr) {
    return fail(ErrorCode::unsupported, std::string("the AAC encoder does not know ") + settings.left_over());
  }
  return context;
}

}  // namespace

struct AacEncoder::State {
  av::Codec codec;
  std::size_t channels = 1;
  av::Packet packet = av::make_packet();
  std::vector<float> pending;  // not yet a whole frame of the codec's
  std::int64_t samples_sent = 0;
};

AacEncoder::AacEncoder(std::unique_ptr<State> state) : state_(std::move(state)) {}
AacEncoder::~AacEncoder() = default;

Result<std::unique_ptr<AacEncoder>> AacEncoder::open(int channels) {
  VIVID_CHECK(channels == 1 || channels == kChannels);
  auto state = std::make_unique<State>();
  state->channels = static_cast<std::size_t>(channels);
  VIVID_ASSIGN(state->codec, open_codec(channels));
  return std::unique_ptr<AacEncoder>(new AacEncoder(std::move(state)));
}

Status AacEncoder::encode(std::span<const float> interleaved, const PacketSink& sink) {
  std::vector<float>& pending = state_->pending;
  pending.insert(pending.end(), interleaved.begin(), interleaved.end());
  const auto whole = static_cast<std::size_t>(state_->codec->frame_size);
  std::size_t done = 0;
  for (; pending.size() - done >= whole * state_->channels; done += whole * state_->channels) {
    VIVID_TRY(send(done, whole, sink));
  }
  pending.erase(pending.begin(), pending.begin() + static_cast<std::ptrdiff_t>(done));
  return {};
}

Status AacEncoder::finish(const PacketSink& sink) {
  if (!state_->pending.empty()) VIVID_TRY(send(0, state_->pending.size() / state_->channels, sink));
  state_->pending.clear();
  const int sent = avcodec_send_frame(state_->codec.get(), nullptr);
  if (sent < 0) return tl::make_unexpected(av::error(sent, "finish the sound"));
  return drain(sink);
}

// `offset` into what is pending.
Status AacEncoder::send(std::size_t offset, std::size_t frames, const PacketSink& sink) {
  const av::Frame frame = av::make_frame();
  frame->format = AV_SAMPLE_FMT_FLTP;
  frame->sample_rate = kSampleRateHz;
  frame->nb_samples = static_cast<int>(frames);
  av_channel_layout_default(&frame->ch_layout, static_cast<int>(state_->channels));
  const int allocated = av_frame_get_buffer(frame.get(), 0);
  if (allocated < 0) return tl::make_unexpected(av::error(allocated, "allocate sound"));
  for (std::size_t channel = 0; channel < state_->channels; ++channel) {
    auto* out = reinterpret_cast<float*>(frame->data[channel]);
    const float* in = state_->pending.data() + offset + channel;
    for (std::size_t i = 0; i < frames; ++i) out[i] = in[i * state_->channels];
  }
  frame->pts = state_->samples_sent;
  state_->samples_sent += frame->nb_samples;
  const int sent = avcodec_send_frame(state_->codec.get(), frame.get());
  if (sent < 0) return tl::make_unexpected(av::error(sent, "encode the sound"));
  return drain(sink);
}

Status AacEncoder::drain(const PacketSink& sink) {
  for (;;) {
    AVPacket& packet = *state_->packet;
    const int received = avcodec_receive_packet(state_->codec.get(), &packet);
    if (received == AVERROR(EAGAIN) || received == AVERROR_EOF) return {};
    if (received < 0) return tl::make_unexpected(av::error(received, "encode the sound"));
    const Status taken = state_->channels == 1 ? hand_over_pair(packet, sink) : sink(packet);
    av_packet_unref(&packet);
    VIVID_TRY(taken);
  }
}

Status AacEncoder::hand_over_pair(const AVPacket& single, const PacketSink& sink) {
  VIVID_ASSIGN(const auto bytes, pair_of({single.data, static_cast<std::size_t>(single.size)}));
  const av::Packet pair = av::make_packet();
  int result = av_new_packet(pair.get(), static_cast<int>(bytes.size()));
  if (result >= 0) result = av_packet_copy_props(pair.get(), &single);
  if (result < 0) return tl::make_unexpected(av::error(result, "encode the sound"));
  std::copy(bytes.begin(), bytes.end(), pair->data);
  return sink(*pair);
}

Status AacEncoder::describe(AVCodecParameters& parameters) const {
  const int copied = avcodec_parameters_from_context(&parameters, state_->codec.get());
  if (copied < 0) return tl::make_unexpected(av::error(copied, "describe the audio stream"));
  if (state_->channels == 1) describe_pair(parameters);
  return {};
}

}  // namespace vivid::render
