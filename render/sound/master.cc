#include "render/sound/master.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "render/sound/limiter.h"
#include "render/sound/loudness_meter.h"
#include "render/sound/voice_source.h"

namespace vivid::render {
namespace {

constexpr std::size_t kPieceFrames = 4096;
// What is softer than this even so is left soft: it is noise, or was meant to be.
constexpr double kMostGainDb = 30.0;
// AAC at 128 kbit/s puts peaks of speech up to half a decibel higher.
constexpr double kCeilingDbtp = -1.6;
constexpr int kMostLimitedPasses = 3;
// The correction after a pass misses by a small part of what that pass missed by.
constexpr double kCloseEnoughLu = 0.3;
// Music that accompanies speech is at least 20 dB below it (WCAG 2.1, success criterion 1.4.7).
constexpr double kDuckedBelowVoiceLu = 22.0;
constexpr double kOpenBelowVoiceLu = 13.0;

class Mix final : public SoundSource {
 public:
  Mix(std::unique_ptr<SoundSource> voice, std::optional<MusicBed> bed)
      : voice_(std::move(voice)), bed_(std::move(bed)) {}

  int channels() const override { return bed_ ? 2 : 1; }

  Result<std::size_t> read(std::span<float> samples) override {
    if (!bed_) return voice_->read(samples);
    mono_.resize(samples.size() / 2);
    VIVID_ASSIGN(const std::size_t frames, voice_->read(mono_));
    for (std::size_t i = 0; i < frames; ++i) samples[i * 2] = samples[i * 2 + 1] = mono_[i];
    VIVID_TRY(bed_->add_to(samples.first(frames * 2)));
    return frames;
  }

 private:
  std::unique_ptr<SoundSource> voice_;
  std::optional<MusicBed> bed_;
  std::vector<float> mono_;
};

class Mastered final : public SoundSource {
 public:
  Mastered(std::unique_ptr<SoundSource> mix, double gain_db, double ceiling_dbtp)
      : mix_(std::move(mix)),
        gain_(static_cast<float>(std::pow(10.0, gain_db / 20.0))),
        limiter_(mix_->channels(), ceiling_dbtp),
        piece_(kPieceFrames * static_cast<std::size_t>(mix_->channels())) {}

  int channels() const override { return mix_->channels(); }

  Result<std::size_t> read(std::span<float> samples) override {
    while (taken_ == ready_.size() && !at_end_) VIVID_TRY(refill());
    const std::size_t count = std::min(samples.size(), ready_.size() - taken_);
    std::copy_n(ready_.begin() + static_cast<std::ptrdiff_t>(taken_), count, samples.begin());
    taken_ += count;
    return count / static_cast<std::size_t>(channels());
  }

 private:
  Status refill() {
    ready_.clear();
    taken_ = 0;
    VIVID_ASSIGN(const std::size_t frames, mix_->read(piece_));
    at_end_ = frames == 0;
    const auto piece = std::span(piece_).first(frames * static_cast<std::size_t>(channels()));
    for (float& sample : piece) sample *= gain_;
    limiter_.process(piece, ready_);
    if (at_end_) limiter_.finish(ready_);
    return {};
  }

  std::unique_ptr<SoundSource> mix_;
  float gain_;
  PeakLimiter limiter_;
  std::vector<float> piece_;
  std::vector<float> ready_;
  std::size_t taken_ = 0;
  bool at_end_ = false;
};

std::int64_t frames_of(const Narration& narration) {
  if (narration.sample_rate_hz <= 0) return 0;
  return narration.samples * kSoundRateHz / narration.sample_rate_hz;
}

Result<std::unique_ptr<SoundSource>> open_mix(const SoundRecipe& recipe, const BedLevels& levels) {
  VIVID_ASSIGN(auto voice, open_voice(recipe.narration_wav));
  std::optional<MusicBed> bed;
  if (recipe.music) bed.emplace(*recipe.music, levels, DuckCurve(recipe.narration), frames_of(recipe.narration));
  return std::unique_ptr<SoundSource>(std::make_unique<Mix>(std::move(voice), std::move(bed)));
}

// Plays a source into a meter.
class Listening {
 public:
  Listening(const SoundRecipe& recipe, const SoundProgress& progress)
      : total_(std::max<std::int64_t>(frames_of(recipe.narration), 1)), progress_(progress) {}

  Result<LoudnessMeter> hear(SoundSource& source, bool with_peaks) const {
    VIVID_ASSIGN(LoudnessMeter meter, LoudnessMeter::create(source.channels(), with_peaks));
    std::vector<float> piece(kPieceFrames * static_cast<std::size_t>(source.channels()));
    for (std::int64_t heard = 0;;) {
      VIVID_ASSIGN(const std::size_t frames, source.read(piece));
      if (frames == 0) return meter;
      VIVID_TRY(meter.add(std::span(piece).first(frames * static_cast<std::size_t>(source.channels()))));
      heard += static_cast<std::int64_t>(frames);
      const double fraction = std::min(1.0, static_cast<double>(heard) / static_cast<double>(total_));
      if (progress_ && !progress_(fraction)) return fail(ErrorCode::cancelled, "stopped while measuring the sound");
    }
  }

 private:
  std::int64_t total_;
  const SoundProgress& progress_;
};

// A voice that cannot be heard needs no room: the music alone is brought to the loudness wanted.
BedLevels bed_levels(const MusicFacts& music, std::optional<double> voice_lufs) {
  if (!voice_lufs) return {kTargetLufs - music.loudness_lufs, kTargetLufs - music.loudness_lufs};
  const double alike = *voice_lufs - music.loudness_lufs;
  return {alike - kOpenBelowVoiceLu, alike - kDuckedBelowVoiceLu};
}

}  // namespace

Result<std::unique_ptr<SoundSource>> play_master(const SoundRecipe& recipe, const MasterPlan& plan) {
  VIVID_ASSIGN(auto mix, open_mix(recipe, plan.bed));
  return std::unique_ptr<SoundSource>(std::make_unique<Mastered>(std::move(mix), plan.gain_db, plan.ceiling_dbtp));
}

Result<MasterPlan> plan_master(const SoundRecipe& recipe, const SoundProgress& progress) {
  const Listening listening(recipe, progress);
  MasterPlan plan;
  plan.ceiling_dbtp = kCeilingDbtp;
  VIVID_ASSIGN(const auto voice, open_voice(recipe.narration_wav));
  VIVID_ASSIGN(LoudnessMeter meter, listening.hear(*voice, !recipe.music));
  if (recipe.music) {
    plan.bed = bed_levels(*recipe.music, meter.loudness_lufs());
    VIVID_ASSIGN(const auto mix, open_mix(recipe, plan.bed));
    VIVID_ASSIGN(meter, listening.hear(*mix, true));
  }
  plan.loudness_lufs = meter.loudness_lufs();
  plan.true_peak_dbtp = meter.true_peak_dbtp();
  if (!plan.loudness_lufs) return plan;
  plan.gain_db = std::min(kTargetLufs - *plan.loudness_lufs, kMostGainDb);
  // What the limiter takes away is given back, as far as that is possible.
  for (int pass = 0; pass < kMostLimitedPasses && plan.true_peak_dbtp + plan.gain_db > plan.ceiling_dbtp; ++pass) {
    VIVID_ASSIGN(const auto master, play_master(recipe, plan));
    VIVID_ASSIGN(LoudnessMeter limited, listening.hear(*master, false));
    const double missing = kTargetLufs - limited.loudness_lufs().value_or(kTargetLufs);
    plan.gain_db = std::min(plan.gain_db + missing, kMostGainDb);
    if (std::fabs(missing) <= kCloseEnoughLu) break;
  }
  return plan;
}

}  // namespace vivid::render
