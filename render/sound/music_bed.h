// Music under the voice: repeated as long as there is voice, one end fading into the next beginning; it fades in and
// out, and makes room where the voice speaks.
//
// Threads: one bed, one thread. Memory: a constant. Errors: those of the music's file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "render/sound/ducking.h"
#include "render/sound/sound_source.h"

namespace vivid::render {

// What was heard when the file was played from end to end.
struct MusicFacts {
  std::filesystem::path path;
  std::int64_t frames = 0;
  double loudness_lufs = 0.0;
};

// Errors beside those of the file: invalid_input for one that is too short to repeat or holds silence.
Result<MusicFacts> measure_music(const std::filesystem::path& path);

struct BedLevels {
  double open_db = 0.0;    // gain where nobody speaks
  double ducked_db = 0.0;  // gain under the voice
};

class MusicBed {
 public:
  // `total_frames` is how long it plays.
  MusicBed(MusicFacts facts, BedLevels levels, DuckCurve curve, std::int64_t total_frames);

  // Adds the next frames to `stereo`.
  Status add_to(std::span<float> stereo);

 private:
  Status play(std::span<float> stereo);
  Status read(SoundSource& source, std::span<float> stereo);
  float gain_at(std::int64_t frame);

  MusicFacts facts_;
  BedLevels levels_;
  DuckCurve curve_;
  std::int64_t total_frames_;
  std::int64_t crossfade_frames_;
  std::unique_ptr<SoundSource> ending_;  // plays its last frames while the next one begins
  std::unique_ptr<SoundSource> playing_;
  std::int64_t position_ = 0;  // within the music
  std::int64_t frame_ = 0;     // from the beginning of the bed
  std::vector<float> piece_;
  std::vector<float> overlap_;
};

}  // namespace vivid::render
