#include "render/package/sound_file.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <memory>
#include <thread>

#include "render/encode/aac_segments.h"
#include "render/sound/packet_check.h"

namespace vivid::render {
namespace {

constexpr std::size_t kPieceFrames = 4096;
// Most sound is right at once; the rest after one correction.
constexpr int kMostEncodings = 3;
// Corrections aim this much inside the limits.
constexpr double kPeakRoomDb = 0.2;

// How much of the progress planning takes.
constexpr double kPlanShare = 0.3;

// More would hold more of the sound at once than they gain.
constexpr unsigned kMostThreads = 8;

int encoder_threads() { return static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1U, kMostThreads)); }

struct Encoded {
  std::unique_ptr<Mp4Writer> writer;  // whole but for finish()
  std::optional<double> loudness_lufs;
  double true_peak_dbtp = 0.0;
};

Result<Encoded> encode(const SoundRecipe& recipe, const MasterPlan& plan, const Mp4Options& options,
                       const SoundProgress& progress) {
  VIVID_ASSIGN(const auto sound, play_master(recipe, plan));
  VIVID_ASSIGN(const auto encoder, AacSegments::open(sound->channels(), encoder_threads()));
  VIVID_ASSIGN(const auto check, PacketCheck::open(*encoder, sound->channels()));
  Encoded encoded;
  VIVID_ASSIGN(encoded.writer, Mp4Writer::open(options, nullptr, *encoder));
  const PacketSink sink = [&](AVPacket& packet) -> Status {
    VIVID_TRY(check->add(packet));
    return encoded.writer->write_audio(packet);
  };
  const auto channels = static_cast<std::size_t>(sound->channels());
  const double total = std::max(std::chrono::duration<double>(recipe.narration.duration()).count(), 1.0);
  std::vector<float> piece(kPieceFrames * channels);
  for (double seconds = 0.0;;) {
    VIVID_ASSIGN(const std::size_t frames, sound->read(piece));
    if (frames == 0) break;
    VIVID_TRY(encoder->encode(std::span(piece).first(frames * channels), sink));
    seconds += static_cast<double>(frames) / kSoundRateHz;
    if (!progress(std::min(seconds / total, 1.0))) {
      return fail(ErrorCode::cancelled, "stopped while encoding the sound");
    }
  }
  VIVID_TRY(encoder->finish(sink));
  VIVID_TRY(check->finish());
  encoded.loudness_lufs = check->meter().loudness_lufs();
  encoded.true_peak_dbtp = check->meter().true_peak_dbtp();
  return encoded;
}

std::string decibels(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", value);
  return text.data();
}

// What could not be reached is said: sound so uneven that its peaks leave no room for its loudness.
void warn(const Encoded& encoded, SoundFile& file) {
  const double lufs = encoded.loudness_lufs.value_or(kTargetLufs);
  if (std::fabs(lufs - kTargetLufs) > kLoudnessTolerance) {
    file.warnings.push_back("the sound is at " + decibels(lufs) + " LUFS instead of " + decibels(kTargetLufs));
  }
  if (encoded.true_peak_dbtp > kMostTruePeakDbtp) {
    file.warnings.push_back("the sound has peaks of " + decibels(encoded.true_peak_dbtp) + " dBTP, above " +
                            decibels(kMostTruePeakDbtp));
  }
}

}  // namespace

Result<SoundFile> write_sound_file(const SoundRecipe& recipe, const Mp4Options& options,
                                   const SoundProgress& progress) {
  VIVID_ASSIGN(MasterPlan plan, plan_master(recipe, [&](double part) { return progress(kPlanShare * part); }));
  const SoundProgress on_encode = [&](double part) { return progress(kPlanShare + (1.0 - kPlanShare) * part); };
  SoundFile file;
  for (int attempt = 1;; ++attempt) {
    VIVID_ASSIGN(const Encoded encoded, encode(recipe, plan, options, on_encode));
    const double over = encoded.true_peak_dbtp - kMostTruePeakDbtp;
    const bool can_be_heard = plan.loudness_lufs && encoded.loudness_lufs;
    if (can_be_heard && over > 0.0 && attempt < kMostEncodings) {
      plan.ceiling_dbtp -= over + kPeakRoomDb;
      continue;
    }
    VIVID_TRY(encoded.writer->finish());
    file.plan = plan;
    if (!can_be_heard) return file;
    file.levels = SoundLevels{*plan.loudness_lufs, *encoded.loudness_lufs, plan.true_peak_dbtp, encoded.true_peak_dbtp,
                              plan.gain_db};
    warn(encoded, file);
    return file;
  }
}

}  // namespace vivid::render
