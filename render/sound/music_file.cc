#include "render/sound/music_file.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "render/encode/av.h"
#include "render/encode/demuxer.h"

namespace vivid::render {
namespace {

constexpr int kChannels = 2;
constexpr const char* kFormats = "wav,mp3,aac,flac,ogg,mov";
constexpr const char* kCodecs = "pcm_s16le,pcm_s24le,pcm_s32le,pcm_f32le,mp3,mp3float,aac,flac,vorbis,opus,alac";

class MusicFile final : public SoundSource {
 public:
  MusicFile(std::string name, av::Demuxer demuxer, av::Codec codec, int stream)
      : name_(std::move(name)), demuxer_(std::move(demuxer)), codec_(std::move(codec)), stream_(stream) {}

  int channels() const override { return kChannels; }

  Result<std::size_t> read(std::span<float> samples) override {
    while (taken_ == pending_.size() && !at_end_) VIVID_TRY(refill());
    const auto allowed = static_cast<std::size_t>(kMostMusicFrames - given_) * kChannels;
    const std::size_t count = std::min({samples.size(), pending_.size() - taken_, allowed});
    std::copy_n(pending_.begin() + static_cast<std::ptrdiff_t>(taken_), count, samples.begin());
    taken_ += count;
    given_ += static_cast<std::int64_t>(count / kChannels);
    return count / kChannels;
  }

 private:
  // One decoded frame, or the end.
  Status refill() {
    pending_.clear();
    taken_ = 0;
    for (;;) {
      const int received = avcodec_receive_frame(codec_.get(), frame_.get());
      if (received >= 0) {
        const Status converted = convert(frame_.get());
        av_frame_unref(frame_.get());
        return converted;
      }
      if (received == AVERROR_EOF) {
        at_end_ = true;
        return resampler_ == nullptr ? Status() : convert(nullptr);
      }
      if (received != AVERROR(EAGAIN)) return broken();
      VIVID_TRY(feed());
    }
  }

  Status feed() {
    const int read = av_read_frame(demuxer_.get(), packet_.get());
    if (read == AVERROR_EOF) {
      avcodec_send_packet(codec_.get(), nullptr);
      return {};
    }
    if (read < 0) return broken();
    const int sent = packet_->stream_index == stream_ ? avcodec_send_packet(codec_.get(), packet_.get()) : 0;
    av_packet_unref(packet_.get());
    if (sent < 0) return broken();
    return {};
  }

  Status convert(AVFrame* frame) {
    if (frame != nullptr && resampler_ == nullptr) VIVID_TRY(open_resampler(*frame));
    const int count = frame == nullptr ? 0 : frame->nb_samples;
    const int room = swr_get_out_samples(resampler_.get(), count);
    if (room < 0) return broken();
    pending_.resize(static_cast<std::size_t>(room) * kChannels);
    auto* out = reinterpret_cast<std::uint8_t*>(pending_.data());
    const auto** in = frame == nullptr ? nullptr : const_cast<const std::uint8_t**>(frame->extended_data);
    const int made = swr_convert(resampler_.get(), &out, room, in, count);
    if (made < 0) return broken();
    pending_.resize(static_cast<std::size_t>(made) * kChannels);
    return {};
  }

  Status open_resampler(AVFrame& frame) {
    AVChannelLayout stereo{};
    av_channel_layout_default(&stereo, kChannels);
    SwrContext* context = nullptr;
    int result = swr_alloc_set_opts2(&context, &stereo, AV_SAMPLE_FMT_FLT, kSoundRateHz, &frame.ch_layout,
                                     static_cast<AVSampleFormat>(frame.format), frame.sample_rate, 0, nullptr);
    resampler_.reset(context);
    if (result >= 0) result = swr_init(context);
    if (result >= 0) return {};
    resampler_.reset();
    return fail(ErrorCode::unsupported, name_ + " has channels or samples that cannot be converted");
  }

  tl::unexpected<Error> broken() const { return fail(ErrorCode::data_corrupt, name_ + " cannot be decoded"); }

  std::string name_;
  av::Demuxer demuxer_;
  av::Codec codec_;
  int stream_;
  av::Resampler resampler_;
  av::Packet packet_ = av::make_packet();
  av::Frame frame_ = av::make_frame();
  std::vector<float> pending_;
  std::size_t taken_ = 0;
  std::int64_t given_ = 0;
  bool at_end_ = false;
};

}  // namespace

Result<std::unique_ptr<SoundSource>> open_music(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  const std::string refusal = name + " is no sound that can be played; WAV, MP3, AAC, M4A, FLAC, Ogg are";
  auto demuxer = av::open_demuxer(path, kFormats);
  if (!demuxer.has_value()) return fail(ErrorCode::unsupported, refusal);
  AVFormatContext* input = demuxer->get();
  const AVCodec* decoder = nullptr;
  input->codec_whitelist = av_strdup(kCodecs);
  const bool known = avformat_find_stream_info(input, nullptr) >= 0;
  const int stream = known ? av_find_best_stream(input, AVMEDIA_TYPE_AUDIO, -1, -1, &decoder, 0) : -1;
  if (stream < 0) return fail(ErrorCode::unsupported, refusal);
  av::Codec codec(avcodec_alloc_context3(decoder));
  if (codec == nullptr) return fail(ErrorCode::resource_exhausted, "no memory to decode " + name);
  codec->codec_whitelist = av_strdup(kCodecs);
  codec->thread_count = 1;
  codec->pkt_timebase = input->streams[stream]->time_base;
  const bool opened = avcodec_parameters_to_context(codec.get(), input->streams[stream]->codecpar) >= 0 &&
                      avcodec_open2(codec.get(), decoder, nullptr) >= 0;
  if (!opened) return fail(ErrorCode::unsupported, refusal);
  return std::unique_ptr<SoundSource>(std::make_unique<MusicFile>(name, std::move(*demuxer), std::move(codec), stream));
}

}  // namespace vivid::render
