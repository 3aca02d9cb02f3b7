#include "render/formats/coded_sound.h"

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "render/encode/av.h"
#include "render/sound/packet_check.h"

namespace vivid::render {
namespace {

constexpr std::size_t kEars = 2;
constexpr int kMostAttempts = 3;
constexpr std::int64_t kSamplesAnAsk = 10LL * SoundTrack::kSampleRateHz;
// Corrections aim this much inside the limits.
constexpr double kPeakRoomDb = 0.2;

// Encoders take floats in one array, or in one a channel.
Result<AVSampleFormat> sample_format(const AVCodec& encoder) {
  for (const AVSampleFormat* format = encoder.sample_fmts; *format != AV_SAMPLE_FMT_NONE; ++format) {
    if (*format == AV_SAMPLE_FMT_FLT || *format == AV_SAMPLE_FMT_FLTP) return *format;
  }
  return fail(ErrorCode::unsupported, std::string(encoder.name) + " takes other samples than there are");
}

Result<av::Codec> open_encoder(const SoundCoding& coding) {
  const AVCodec* encoder = avcodec_find_encoder_by_name(coding.encoder);
  if (encoder == nullptr) {
    return fail(ErrorCode::unsupported, std::string("FFmpeg was built without ") + coding.encoder);
  }
  av::Codec codec(avcodec_alloc_context3(encoder));
  VIVID_CHECK(codec != nullptr);
  VIVID_ASSIGN(codec->sample_fmt, sample_format(*encoder));
  codec->sample_rate = SoundTrack::kSampleRateHz;
  codec->bit_rate = coding.bitrate_bps;
  codec->time_base = {1, SoundTrack::kSampleRateHz};
  codec->thread_count = 1;
  codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
  av_channel_layout_default(&codec->ch_layout, kEars);
  const int opened = avcodec_open2(codec.get(), encoder, nullptr);
  if (opened < 0) return tl::make_unexpected(av::error(opened, std::string("open ") + coding.encoder));
  return codec;
}

}  // namespace

struct CodedSound::State {
  av::Codec encoder;
  std::vector<av::Packet> packets;
  std::size_t handed_over = 0;
  std::int64_t samples_sent = 0;

  // Of one channel, both ears hear the same.
  Result<av::Frame> make_frame(std::span<const float> interleaved, std::size_t channels) const {
    av::Frame frame = av::make_frame();
    frame->format = encoder->sample_fmt;
    frame->sample_rate = encoder->sample_rate;
    frame->nb_samples = static_cast<int>(interleaved.size() / channels);
    frame->pts = samples_sent;
    av_channel_layout_default(&frame->ch_layout, kEars);
    const int allocated = av_frame_get_buffer(frame.get(), 0);
    if (allocated < 0) return tl::make_unexpected(av::error(allocated, "allocate sound"));
    const bool planar = encoder->sample_fmt == AV_SAMPLE_FMT_FLTP;
    for (std::size_t ear = 0; ear < kEars; ++ear) {
      auto* out = reinterpret_cast<float*>(frame->data[planar ? ear : 0]) + (planar ? 0 : ear);
      const float* in = interleaved.data() + ear % channels;
      for (int i = 0; i < frame->nb_samples; ++i, out += planar ? 1 : kEars, in += channels) *out = *in;
    }
    return frame;
  }

  // Null: there is nothing more to come.
  Status send(const AVFrame* frame, PacketCheck& check) {
    const int sent = avcodec_send_frame(encoder.get(), frame);
    if (sent < 0) return tl::make_unexpected(av::error(sent, "encode the sound"));
    if (frame != nullptr) samples_sent += frame->nb_samples;
    for (;;) {
      av::Packet packet = av::make_packet();
      const int got = avcodec_receive_packet(encoder.get(), packet.get());
      if (got == AVERROR(EAGAIN) || got == AVERROR_EOF) return {};
      if (got < 0) return tl::make_unexpected(av::error(got, "encode the sound"));
      VIVID_TRY(check.add(*packet));
      packets.push_back(std::move(packet));
    }
  }

  Status encode(SoundSource& sound, PacketCheck& check, const std::function<bool()>& keep_going) {
    const auto channels = static_cast<std::size_t>(sound.channels());
    const std::size_t whole = static_cast<std::size_t>(encoder->frame_size) * channels;
    std::vector<float> piece(whole);
    std::int64_t next_ask = 0;
    for (std::size_t filled = 0;;) {
      VIVID_ASSIGN(const std::size_t frames, sound.read(std::span(piece).subspan(filled)));
      filled += frames * channels;
      if (frames > 0 && filled < whole) continue;
      if (filled > 0) {
        VIVID_ASSIGN(const av::Frame frame, make_frame(std::span(piece).first(filled), channels));
        VIVID_TRY(send(frame.get(), check));
      }
      if (frames == 0) break;
      filled = 0;
      if (samples_sent < next_ask) continue;
      next_ask = samples_sent + kSamplesAnAsk;
      if (!keep_going()) return fail(ErrorCode::cancelled, "stopped while encoding the sound");
    }
    VIVID_TRY(send(nullptr, check));
    return check.finish();
  }
};

CodedSound::CodedSound(std::unique_ptr<State> state) : state_(std::move(state)) {}
CodedSound::~CodedSound() = default;

Result<std::unique_ptr<CodedSound>> CodedSound::make(const SavedMaster& master, const SoundCoding& coding,
                                                     const std::function<bool()>& keep_going) {
  MasterPlan plan = master.plan;
  plan.gain_db += coding.makeup_db;
  plan.ceiling_dbtp += coding.makeup_db;
  for (int attempt = 1;; ++attempt) {
    auto state = std::make_unique<State>();
    VIVID_ASSIGN(state->encoder, open_encoder(coding));
    auto made = std::unique_ptr<CodedSound>(new CodedSound(std::move(state)));
    VIVID_ASSIGN(const auto check, PacketCheck::open(*made, kEars));
    VIVID_ASSIGN(const auto sound, play_master(master.recipe, plan));
    VIVID_TRY(made->state_->encode(*sound, *check, keep_going));
    const double over = check->meter().true_peak_dbtp() - kMostTruePeakDbtp;
    if (!(over > 0.0) || attempt == kMostAttempts) return made;
    plan.ceiling_dbtp -= over + kPeakRoomDb;
  }
}

Status CodedSound::describe(AVCodecParameters& parameters) const {
  const int copied = avcodec_parameters_from_context(&parameters, state_->encoder.get());
  if (copied < 0) return tl::make_unexpected(av::error(copied, "describe the sound"));
  return {};
}

Result<bool> CodedSound::advance_to(std::chrono::microseconds time, const PacketSink& sink) {
  State& state = *state_;
  for (; state.handed_over < state.packets.size(); ++state.handed_over) {
    AVPacket& packet = *state.packets[state.handed_over];
    if (std::chrono::microseconds(packet.pts * 1'000'000 / kSampleRateHz) > time) return true;
    VIVID_TRY(sink(packet));
  }
  return false;
}

}  // namespace vivid::render
