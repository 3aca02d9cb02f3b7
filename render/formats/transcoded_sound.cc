#include "render/formats/transcoded_sound.h"

#include <utility>

#include "base/check.h"
#include "render/formats/media_input.h"

extern "C" {
#include <libavutil/audio_fifo.h>
}

namespace vivid::render {
namespace {

constexpr int kChannels = 2;

struct FreeFifo {
  void operator()(AVAudioFifo* fifo) const { av_audio_fifo_free(fifo); }
};
using Fifo = std::unique_ptr<AVAudioFifo, FreeFifo>;

Result<av::Codec> open_decoder(const AVStream& track) {
  const AVCodec* decoder = avcodec_find_decoder(track.codecpar->codec_id);
  if (decoder == nullptr) return fail(ErrorCode::unsupported, "FFmpeg was built without a decoder of the sound");
  av::Codec codec(avcodec_alloc_context3(decoder));
  VIVID_CHECK(codec != nullptr);
  int result = avcodec_parameters_to_context(codec.get(), track.codecpar);
  codec->pkt_timebase = track.time_base;
  codec->thread_count = 1;
  codec->flags |= AV_CODEC_FLAG_BITEXACT;
  if (result >= 0) result = avcodec_open2(codec.get(), decoder, nullptr);
  if (result < 0) return tl::make_unexpected(av::error(result, "open a decoder of the sound"));
  return codec;
}

Result<av::Codec> open_encoder(const SoundCoding& coding) {
  const AVCodec* encoder = avcodec_find_encoder_by_name(coding.encoder);
  if (encoder == nullptr) {
    return fail(ErrorCode::unsupported, std::string("FFmpeg was built without ") + coding.encoder);
  }
  av::Codec codec(avcodec_alloc_context3(encoder));
  VIVID_CHECK(codec != nullptr);
  codec->sample_fmt = encoder->sample_fmts[0];
  codec->sample_rate = TranscodedSound::kSampleRateHz;
  codec->bit_rate = coding.bitrate_bps;
  codec->time_base = {1, TranscodedSound::kSampleRateHz};
  codec->thread_count = 1;
  codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
  av_channel_layout_default(&codec->ch_layout, kChannels);
  const int opened = avcodec_open2(codec.get(), encoder, nullptr);
  if (opened < 0) return tl::make_unexpected(av::error(opened, std::string("open ") + coding.encoder));
  return codec;
}

}  // namespace

struct TranscodedSound::State {
  explicit State(MediaInput file) : input(std::move(file)) {}

  MediaInput input;
  av::Codec decoder;
  av::Codec encoder;
  av::Resampler converter;
  Fifo waiting;
  av::Packet read = av::make_packet();
  av::Packet made = av::make_packet();
  av::Frame decoded = av::make_frame();
  std::int64_t samples_sent = 0;
  bool at_end = false;

  Status open_converter() {
    SwrContext* context = nullptr;
    int result = swr_alloc_set_opts2(&context, &encoder->ch_layout, encoder->sample_fmt, encoder->sample_rate,
                                     &decoder->ch_layout, decoder->sample_fmt, decoder->sample_rate, 0, nullptr);
    converter.reset(context);
    if (result >= 0) result = swr_init(context);
    if (result < 0) return tl::make_unexpected(av::error(result, "convert the sound"));
    waiting.reset(av_audio_fifo_alloc(encoder->sample_fmt, kChannels, 2 * encoder->frame_size));
    VIVID_CHECK(waiting != nullptr);
    return {};
  }

  // Null: what the converter still holds.
  Status convert(const AVFrame* from) {
    const int samples = from == nullptr ? 0 : from->nb_samples;
    const int room = swr_get_out_samples(converter.get(), samples);
    if (room <= 0) return {};
    VIVID_ASSIGN(const av::Frame to, make_frame(room));
    const auto** planes = from == nullptr ? nullptr : const_cast<const std::uint8_t**>(from->extended_data);
    const int got = swr_convert(converter.get(), to->extended_data, room, planes, samples);
    if (got < 0) return tl::make_unexpected(av::error(got, "convert the sound"));
    if (av_audio_fifo_write(waiting.get(), reinterpret_cast<void**>(to->extended_data), got) < got) {
      return fail(ErrorCode::resource_exhausted, "no memory for the sound");
    }
    return {};
  }

  Result<av::Frame> make_frame(int samples) const {
    av::Frame frame = av::make_frame();
    frame->format = encoder->sample_fmt;
    frame->sample_rate = encoder->sample_rate;
    frame->nb_samples = samples;
    av_channel_layout_default(&frame->ch_layout, kChannels);
    const int allocated = av_frame_get_buffer(frame.get(), 0);
    if (allocated < 0) return tl::make_unexpected(av::error(allocated, "allocate sound"));
    return frame;
  }

  Status take_decoded() {
    for (;;) {
      const int got = avcodec_receive_frame(decoder.get(), decoded.get());
      if (got == AVERROR(EAGAIN) || got == AVERROR_EOF) return {};
      if (got < 0) return tl::make_unexpected(av::error(got, "decode the sound"));
      const Status converted = convert(decoded.get());
      av_frame_unref(decoded.get());
      VIVID_TRY(converted);
    }
  }

  // Null: there is nothing more to come.
  Status send(AVFrame* frame, const PacketSink& sink) {
    if (frame != nullptr) {
      frame->pts = samples_sent;
      samples_sent += frame->nb_samples;
    }
    const int sent = avcodec_send_frame(encoder.get(), frame);
    if (sent < 0) return tl::make_unexpected(av::error(sent, "encode the sound"));
    for (;;) {
      const int got = avcodec_receive_packet(encoder.get(), made.get());
      if (got == AVERROR(EAGAIN) || got == AVERROR_EOF) return {};
      if (got < 0) return tl::make_unexpected(av::error(got, "encode the sound"));
      const Status taken = sink(*made);
      av_packet_unref(made.get());
      VIVID_TRY(taken);
    }
  }

  Status encode_waiting(bool all, const PacketSink& sink) {
    for (;;) {
      const int have = av_audio_fifo_size(waiting.get());
      const int count = std::min(have, encoder->frame_size);
      if (count == 0 || (count < encoder->frame_size && !all)) return {};
      VIVID_ASSIGN(const av::Frame frame, make_frame(count));
      av_audio_fifo_read(waiting.get(), reinterpret_cast<void**>(frame->extended_data), count);
      VIVID_TRY(send(frame.get(), sink));
    }
  }

  // One packet of the file more.
  Status step(const PacketSink& sink) {
    VIVID_ASSIGN(const bool more, input.read(*read));
    const int sent = avcodec_send_packet(decoder.get(), more ? read.get() : nullptr);
    if (sent < 0) return tl::make_unexpected(av::error(sent, "decode the sound"));
    VIVID_TRY(take_decoded());
    if (more) return encode_waiting(false, sink);
    at_end = true;
    VIVID_TRY(convert(nullptr));
    VIVID_TRY(encode_waiting(true, sink));
    return send(nullptr, sink);
  }
};

TranscodedSound::TranscodedSound(std::unique_ptr<State> state) : state_(std::move(state)) {}
TranscodedSound::~TranscodedSound() = default;

Result<std::unique_ptr<TranscodedSound>> TranscodedSound::open(const std::filesystem::path& file,
                                                               const SoundCoding& coding) {
  VIVID_ASSIGN(MediaInput input, MediaInput::open(file, AVMEDIA_TYPE_AUDIO));
  auto state = std::make_unique<State>(std::move(input));
  VIVID_ASSIGN(state->decoder, open_decoder(state->input.track()));
  VIVID_ASSIGN(state->encoder, open_encoder(coding));
  VIVID_TRY(state->open_converter());
  return std::unique_ptr<TranscodedSound>(new TranscodedSound(std::move(state)));
}

Status TranscodedSound::describe(AVCodecParameters& parameters) const {
  const int copied = avcodec_parameters_from_context(&parameters, state_->encoder.get());
  if (copied < 0) return tl::make_unexpected(av::error(copied, "describe the sound"));
  return {};
}

Result<bool> TranscodedSound::advance_to(std::chrono::microseconds time, const PacketSink& sink) {
  const auto position = [this] { return std::chrono::microseconds(state_->samples_sent * 1'000'000 / kSampleRateHz); };
  while (!state_->at_end && position() <= time) VIVID_TRY(state_->step(sink));
  return !state_->at_end;
}

}  // namespace vivid::render
