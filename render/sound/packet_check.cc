#include "render/sound/packet_check.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "base/check.h"
#include "render/encode/av.h"

namespace vivid::render {
namespace {

constexpr int kEars = 2;

}  // namespace

struct PacketCheck::State {
  explicit State(LoudnessMeter made) : meter(std::move(made)) {}
  LoudnessMeter meter;
  int channels = kEars;
  av::Codec codec;
  av::Frame frame = av::make_frame();
  std::vector<float> interleaved;
};

PacketCheck::PacketCheck(std::unique_ptr<State> state) : state_(std::move(state)) {}
PacketCheck::~PacketCheck() = default;
LoudnessMeter& PacketCheck::meter() { return state_->meter; }

Result<std::unique_ptr<PacketCheck>> PacketCheck::open(const SoundTrack& track, int channels) {
  VIVID_ASSIGN(LoudnessMeter meter, LoudnessMeter::create(channels, true));
  auto state = std::make_unique<State>(std::move(meter));
  state->channels = channels;
  const av::Parameters parameters(avcodec_parameters_alloc());
  VIVID_CHECK(parameters != nullptr);
  VIVID_TRY(track.describe(*parameters));
  const AVCodec* decoder = avcodec_find_decoder(parameters->codec_id);
  if (decoder == nullptr) return fail(ErrorCode::unsupported, "FFmpeg was built without a decoder of the sound");
  state->codec.reset(avcodec_alloc_context3(decoder));
  VIVID_CHECK(state->codec != nullptr);
  int opened = avcodec_parameters_to_context(state->codec.get(), parameters.get());
  state->codec->thread_count = 1;
  if (opened >= 0) opened = avcodec_open2(state->codec.get(), decoder, nullptr);
  if (opened < 0) return tl::make_unexpected(av::error(opened, "open a decoder of the sound"));
  return std::unique_ptr<PacketCheck>(new PacketCheck(std::move(state)));
}

Status PacketCheck::add(const AVPacket& packet) {
  const int sent = avcodec_send_packet(state_->codec.get(), &packet);
  if (sent < 0) return tl::make_unexpected(av::error(sent, "decode the sound again"));
  return drain();
}

Status PacketCheck::finish() {
  avcodec_send_packet(state_->codec.get(), nullptr);
  return drain();
}

Status PacketCheck::drain() {
  for (;;) {
    const int received = avcodec_receive_frame(state_->codec.get(), state_->frame.get());
    if (received == AVERROR(EAGAIN) || received == AVERROR_EOF) return {};
    if (received < 0) return tl::make_unexpected(av::error(received, "decode the sound again"));
    const Status heard = hear(*state_->frame);
    av_frame_unref(state_->frame.get());
    VIVID_TRY(heard);
  }
}

Status PacketCheck::hear(const AVFrame& frame) {
  if (frame.format != AV_SAMPLE_FMT_FLTP || frame.ch_layout.nb_channels != kEars) {
    return fail(ErrorCode::internal, "the decoder of the sound gives other samples than went in");
  }
  const auto count = static_cast<std::size_t>(frame.nb_samples);
  const std::span left(reinterpret_cast<const float*>(frame.data[0]), count);
  const std::span right(reinterpret_cast<const float*>(frame.data[1]), count);
  if (state_->channels == 1) {
    const bool alike = std::equal(left.begin(), left.end(), right.begin());
    return alike ? state_->meter.add(left) : fail(ErrorCode::internal, "one channel of sound became two");
  }
  state_->interleaved.resize(count * kEars);
  for (std::size_t i = 0; i < count; ++i) {
    state_->interleaved[i * kEars] = left[i];
    state_->interleaved[i * kEars + 1] = right[i];
  }
  return state_->meter.add(state_->interleaved);
}

}  // namespace vivid::render
