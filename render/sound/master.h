// The finished sound: voice, and music under it where there is some, brought to -16 LUFS with true peaks below a
// ceiling (EBU R 128, measured as ITU-R BS.1770-4 says). Planned in one or more passes, then played as often as wanted,
// each time alike.
//
// Threads: free functions, and what they return belongs to one thread. Memory: a constant; the sound is read anew for
// every pass. Errors: those of the files; cancelled when the progress says so.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "render/sound/music_bed.h"
#include "render/sound/sound_source.h"
#include "render/speech/narration.h"

namespace vivid::render {

inline constexpr double kTargetLufs = -16.0;
inline constexpr double kLoudnessTolerance = 0.5;
inline constexpr double kMostTruePeakDbtp = -1.0;

struct SoundRecipe {
  std::filesystem::path narration_wav;
  const Narration& narration;
  std::optional<MusicFacts> music;
};

struct MasterPlan {
  BedLevels bed;
  double gain_db = 0.0;
  // Of the limiter: below kMostTruePeakDbtp by what a lossy encoder is known to add.
  double ceiling_dbtp = 0.0;
  // Before gain and limiter; none: nothing can be heard, and nothing is amplified.
  std::optional<double> loudness_lufs;
  double true_peak_dbtp = 0.0;
};

// Called as the sound goes by; return false to stop.
using SoundProgress = std::function<bool(double fraction)>;

Result<MasterPlan> plan_master(const SoundRecipe& recipe, const SoundProgress& progress);
Result<std::unique_ptr<SoundSource>> play_master(const SoundRecipe& recipe, const MasterPlan& plan);

}  // namespace vivid::render
