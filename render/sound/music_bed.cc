#include "render/sound/music_bed.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "render/sound/loudness_meter.h"
#include "render/sound/music_file.h"

namespace vivid::render {
namespace {

constexpr std::int64_t kLeastMusicFrames = 2LL * kSoundRateHz;
constexpr std::int64_t kCrossfadeFrames = 2LL * kSoundRateHz;
constexpr std::int64_t kFadeInFrames = 3LL * kSoundRateHz / 2;
constexpr std::int64_t kFadeOutFrames = 3LL * kSoundRateHz;
// Gains change this seldom, in a straight line between.
constexpr std::size_t kGainFrames = 64;
constexpr std::size_t kPieceFrames = 4096;

double factor(double db) { return std::pow(10.0, db / 20.0); }

// From 0 to 1 so that two of them, one rising and one falling, are together as loud as either.
float equal_power(double share) {
  return static_cast<float>(std::sin(0.5 * std::numbers::pi * std::clamp(share, 0.0, 1.0)));
}

}  // namespace

Result<MusicFacts> measure_music(const std::filesystem::path& path) {
  VIVID_ASSIGN(const auto music, open_music(path));
  VIVID_ASSIGN(LoudnessMeter meter, LoudnessMeter::create(music->channels(), false));
  MusicFacts facts{path, 0, 0.0};
  std::vector<float> piece(kPieceFrames * static_cast<std::size_t>(music->channels()));
  for (;;) {
    VIVID_ASSIGN(const std::size_t frames, music->read(piece));
    if (frames == 0) break;
    facts.frames += static_cast<std::int64_t>(frames);
    VIVID_TRY(meter.add(std::span(piece).first(frames * static_cast<std::size_t>(music->channels()))));
  }
  const std::string name = path.filename().string();
  if (facts.frames < kLeastMusicFrames) {
    return fail(ErrorCode::invalid_input, name + " is too short to repeat; at least 2 s are needed");
  }
  const auto loudness = meter.loudness_lufs();
  if (!loudness) return fail(ErrorCode::invalid_input, name + " holds nothing but silence");
  facts.loudness_lufs = *loudness;
  return facts;
}

MusicBed::MusicBed(MusicFacts facts, BedLevels levels, DuckCurve curve, std::int64_t total_frames)
    : facts_(std::move(facts)),
      levels_(levels),
      curve_(std::move(curve)),
      total_frames_(total_frames),
      crossfade_frames_(std::min(kCrossfadeFrames, facts_.frames / 4)) {}

float MusicBed::gain_at(std::int64_t frame) {
  const double fade_in =
      static_cast<double>(frame) / static_cast<double>(std::min(kFadeInFrames, total_frames_ / 4 + 1));
  const double fade_out =
      static_cast<double>(total_frames_ - frame) / static_cast<double>(std::min(kFadeOutFrames, total_frames_ / 4 + 1));
  const double level_db = levels_.open_db + (levels_.ducked_db - levels_.open_db) * curve_.amount(frame);
  return static_cast<float>(factor(level_db)) * equal_power(fade_in) * equal_power(fade_out);
}

// A file that has become shorter since it was measured is silent from there on.
Status MusicBed::read(SoundSource& source, std::span<float> stereo) {
  while (!stereo.empty()) {
    VIVID_ASSIGN(const std::size_t frames, source.read(stereo));
    if (frames == 0) break;
    stereo = stereo.subspan(frames * 2);
  }
  std::fill(stereo.begin(), stereo.end(), 0.0F);
  return {};
}

// The next frames of the endless music, none of which lies on both sides of a beginning or an end of a crossfade.
Status MusicBed::play(std::span<float> stereo) {
  if (playing_ == nullptr) {
    VIVID_ASSIGN(playing_, open_music(facts_.path));
  }
  if (position_ == facts_.frames - crossfade_frames_) {
    ending_ = std::move(playing_);
    VIVID_ASSIGN(playing_, open_music(facts_.path));
    position_ = 0;
  }
  VIVID_TRY(read(*playing_, stereo));
  if (ending_ != nullptr) {
    overlap_.resize(stereo.size());
    VIVID_TRY(read(*ending_, overlap_));
    for (std::size_t i = 0; i < stereo.size(); ++i) {
      const double share =
          static_cast<double>(position_ + static_cast<std::int64_t>(i / 2)) / static_cast<double>(crossfade_frames_);
      stereo[i] = stereo[i] * equal_power(share) + overlap_[i] * equal_power(1.0 - share);
    }
  }
  position_ += static_cast<std::int64_t>(stereo.size() / 2);
  if (position_ >= crossfade_frames_) ending_.reset();
  return {};
}

Status MusicBed::add_to(std::span<float> stereo) {
  while (!stereo.empty()) {
    std::int64_t next = facts_.frames - crossfade_frames_;
    if (position_ < crossfade_frames_) next = crossfade_frames_;
    if (position_ == facts_.frames - crossfade_frames_) next = position_ + crossfade_frames_;
    const auto frames = static_cast<std::size_t>(
        std::min<std::int64_t>({next - position_, static_cast<std::int64_t>(stereo.size() / 2), kGainFrames}));
    piece_.resize(frames * 2);
    VIVID_TRY(play(piece_));
    const float before = gain_at(frame_);
    const float after = gain_at(frame_ + static_cast<std::int64_t>(frames));
    for (std::size_t i = 0; i < frames; ++i) {
      const float gain = before + (after - before) * static_cast<float>(i) / static_cast<float>(frames);
      stereo[i * 2] += piece_[i * 2] * gain;
      stereo[i * 2 + 1] += piece_[i * 2 + 1] * gain;
    }
    frame_ += static_cast<std::int64_t>(frames);
    stereo = stereo.subspan(frames * 2);
  }
  return {};
}

}  // namespace vivid::render
