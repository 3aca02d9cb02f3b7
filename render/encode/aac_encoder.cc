#include "render/encode/aac_encoder.h"

#include <utility>
#include <vector>

#include "base/check.h"
#include "render/encode/av.h"

namespace vivid::render {
namespace {

constexpr std::int64_t kBitRateBps = 128'000;
constexpr int kChannels = 2;

Result<av::Codec> open_codec() {
  const AVCodec* codec = avcodec_find_encoder_by_name("aac");
  if (codec == nullptr) return fail(ErrorCode::unsupported, "FFmpeg was built without its AAC encoder");
  av::Codec context(avcodec_alloc_context3(codec));
  VIVID_CHECK(context != nullptr);
  context->sample_fmt = AV_SAMPLE_FMT_FLTP;
  context->sample_rate = AacEncoder::kSampleRateHz;
  context->bit_rate = kBitRateBps;
  context->profile = FF_PROFILE_AAC_LOW;
  context->time_base = {1, AacEncoder::kSampleRateHz};
  context->thread_count = 1;
  context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
  av_channel_layout_default(&context->ch_layout, kChannels);
  const int opened = avcodec_open2(context.get(), codec, nullptr);
  if (opened < 0) return tl::make_unexpected(av::error(opened, "open the AAC encoder"));
  return context;
}

}  // namespace

struct AacEncoder::State {
  av::Codec codec;
  std::size_t channels = 1;  // of what comes in
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
  VIVID_ASSIGN(state->codec, open_codec());
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
  av_channel_layout_default(&frame->ch_layout, kChannels);
  const int allocated = av_frame_get_buffer(frame.get(), 0);
  if (allocated < 0) return tl::make_unexpected(av::error(allocated, "allocate sound"));
  for (std::size_t channel = 0; channel < kChannels; ++channel) {
    auto* out = reinterpret_cast<float*>(frame->data[channel]);
    const float* in = state_->pending.data() + offset + channel % state_->channels;
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
    const Status taken = sink(packet);
    av_packet_unref(&packet);
    VIVID_TRY(taken);
  }
}

Status AacEncoder::describe(AVCodecParameters& parameters) const {
  const int copied = avcodec_parameters_from_context(&parameters, state_->codec.get());
  if (copied < 0) return tl::make_unexpected(av::error(copied, "describe the audio stream"));
  return {};
}

}  // namespace vivid::render
