#include "render/sound/voice_source.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "render/encode/av.h"
#include "render/encode/wav_reader.h"

namespace vivid::render {
namespace {

constexpr std::size_t kPieceSamples = 4096;

Result<av::Resampler> open_resampler(int input_rate_hz) {
  AVChannelLayout mono{};
  av_channel_layout_default(&mono, 1);
  SwrContext* context = nullptr;
  int result = swr_alloc_set_opts2(&context, &mono, AV_SAMPLE_FMT_FLT, kSoundRateHz, &mono, AV_SAMPLE_FMT_S16,
                                   input_rate_hz, 0, nullptr);
  av::Resampler resampler(context);
  if (result >= 0) result = swr_init(context);
  if (result < 0) return tl::make_unexpected(av::error(result, "open the resampler"));
  return resampler;
}

class VoiceSource final : public SoundSource {
 public:
  VoiceSource(WavReader reader, av::Resampler resampler)
      : reader_(std::move(reader)), resampler_(std::move(resampler)), piece_(kPieceSamples) {}

  int channels() const override { return 1; }

  Result<std::size_t> read(std::span<float> samples) override {
    while (taken_ == pending_.size() && !at_end_) VIVID_TRY(refill());
    const std::size_t count = std::min(samples.size(), pending_.size() - taken_);
    std::copy_n(pending_.begin() + static_cast<std::ptrdiff_t>(taken_), count, samples.begin());
    taken_ += count;
    return count;
  }

 private:
  Status refill() {
    VIVID_ASSIGN(const std::size_t count, reader_.read(piece_));
    at_end_ = count == 0;
    const int room = swr_get_out_samples(resampler_.get(), static_cast<int>(count));
    if (room < 0) return tl::make_unexpected(av::error(room, "resample"));
    pending_.resize(static_cast<std::size_t>(room));
    taken_ = 0;
    auto* out = reinterpret_cast<std::uint8_t*>(pending_.data());
    const auto* in = reinterpret_cast<const std::uint8_t*>(piece_.data());
    const int made = swr_convert(resampler_.get(), &out, room, at_end_ ? nullptr : &in, static_cast<int>(count));
    if (made < 0) return tl::make_unexpected(av::error(made, "resample"));
    pending_.resize(static_cast<std::size_t>(made));
    return {};
  }

  WavReader reader_;
  av::Resampler resampler_;
  std::vector<std::int16_t> piece_;
  std::vector<float> pending_;
  std::size_t taken_ = 0;
  bool at_end_ = false;
};

}  // namespace

Result<std::unique_ptr<SoundSource>> open_voice(const std::filesystem::path& wav) {
  VIVID_ASSIGN(WavReader reader, WavReader::open(wav));
  VIVID_ASSIGN(av::Resampler resampler, open_resampler(reader.sample_rate_hz()));
  return std::unique_ptr<SoundSource>(std::make_unique<VoiceSource>(std::move(reader), std::move(resampler)));
}

}  // namespace vivid::render
