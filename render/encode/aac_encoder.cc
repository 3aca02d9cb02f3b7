#include "render/encode/aac_encoder.h"

#include <cstring>
#include <utility>
#include <vector>

#include "base/check.h"
#include "render/encode/av.h"

namespace vivid::render {
namespace {

constexpr std::int64_t kBitRateBps = 128'000;

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
  av_channel_layout_default(&context->ch_layout, 2);
  const int opened = avcodec_open2(context.get(), codec, nullptr);
  if (opened < 0) return tl::make_unexpected(av::error(opened, "open the AAC encoder"));
  return context;
}

Result<av::Resampler> open_resampler(int input_rate_hz) {
  AVChannelLayout mono{};
  av_channel_layout_default(&mono, 1);
  SwrContext* context = nullptr;
  int result = swr_alloc_set_opts2(&context, &mono, AV_SAMPLE_FMT_FLT, AacEncoder::kSampleRateHz, &mono,
                                   AV_SAMPLE_FMT_S16, input_rate_hz, 0, nullptr);
  av::Resampler resampler(context);
  if (result >= 0) result = swr_init(context);
  if (result < 0) return tl::make_unexpected(av::error(result, "open the resampler"));
  return resampler;
}

}  // namespace

struct AacEncoder::State {
  av::Codec codec;
  av::Resampler resampler;
  av::Packet packet = av::make_packet();
  std::vector<float> pending;  // mono, 48 kHz, not yet a whole frame
  std::int64_t samples_sent = 0;
};

AacEncoder::AacEncoder(std::unique_ptr<State> state) : state_(std::move(state)) {}
AacEncoder::~AacEncoder() = default;

Result<std::unique_ptr<AacEncoder>> AacEncoder::open(int input_rate_hz) {
  auto state = std::make_unique<State>();
  VIVID_ASSIGN(state->codec, open_codec());
  VIVID_ASSIGN(state->resampler, open_resampler(input_rate_hz));
  return std::unique_ptr<AacEncoder>(new AacEncoder(std::move(state)));
}

// Appends to pending; null: what the resampler still holds.
Status AacEncoder::resample(const std::int16_t* mono, int count) {
  const int room = swr_get_out_samples(state_->resampler.get(), count);
  if (room < 0) return tl::make_unexpected(av::error(room, "resample"));
  const std::size_t before = state_->pending.size();
  state_->pending.resize(before + static_cast<std::size_t>(room));
  auto* out = reinterpret_cast<std::uint8_t*>(state_->pending.data() + before);
  const auto* in = reinterpret_cast<const std::uint8_t*>(mono);
  const int made = swr_convert(state_->resampler.get(), &out, room, mono == nullptr ? nullptr : &in, count);
  if (made < 0) return tl::make_unexpected(av::error(made, "resample"));
  state_->pending.resize(before + static_cast<std::size_t>(made));
  return {};
}

Status AacEncoder::encode(std::span<const std::int16_t> mono, const PacketSink& sink) {
  VIVID_TRY(resample(mono.data(), static_cast<int>(mono.size())));
  return encode_pending(false, sink);
}

Status AacEncoder::finish(const PacketSink& sink) {
  VIVID_TRY(resample(nullptr, 0));
  VIVID_TRY(encode_pending(true, sink));
  const int sent = avcodec_send_frame(state_->codec.get(), nullptr);
  if (sent < 0) return tl::make_unexpected(av::error(sent, "finish the sound"));
  return drain(sink);
}

Status AacEncoder::encode_pending(bool all, const PacketSink& sink) {
  const auto frame_samples = static_cast<std::size_t>(state_->codec->frame_size);
  std::size_t done = 0;
  while (state_->pending.size() - done >= frame_samples) {
    VIVID_TRY(send(done, state_->codec->frame_size, sink));
    done += frame_samples;
  }
  if (all && done < state_->pending.size()) {
    VIVID_TRY(send(done, static_cast<int>(state_->pending.size() - done), sink));
    done = state_->pending.size();
  }
  state_->pending.erase(state_->pending.begin(), state_->pending.begin() + static_cast<std::ptrdiff_t>(done));
  return {};
}

Status AacEncoder::send(std::size_t offset, int count, const PacketSink& sink) {
  const av::Frame frame = av::make_frame();
  frame->format = AV_SAMPLE_FMT_FLTP;
  frame->sample_rate = kSampleRateHz;
  frame->nb_samples = count;
  av_channel_layout_default(&frame->ch_layout, 2);
  const int allocated = av_frame_get_buffer(frame.get(), 0);
  if (allocated < 0) return tl::make_unexpected(av::error(allocated, "allocate sound"));
  // Both ears hear the voice as loud as it was spoken.
  for (int channel = 0; channel < 2; ++channel) {
    std::memcpy(frame->data[channel], state_->pending.data() + offset, static_cast<std::size_t>(count) * sizeof(float));
  }
  frame->pts = state_->samples_sent;
  state_->samples_sent += count;
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
