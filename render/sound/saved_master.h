// sound.json: how the finished sound was made, so that a later stage hears it again, to the sample, instead of decoding
// what a lossy encoder left of it.
//
// Threads: free functions. Errors: those of the disk; data_corrupt for a file of another form, or when the music is not
// the file any more that it was.
#pragma once

#include <filesystem>

#include "base/error.h"
#include "render/sound/master.h"

namespace vivid::render {

inline constexpr const char* kSoundJson = "sound.json";

struct SavedMaster {
  SoundRecipe recipe;
  MasterPlan plan;  // gains and ceiling: what was measured is left out
};

Status save_master(const SavedMaster& master, const std::filesystem::path& file);
// The narration is borrowed.
Result<SavedMaster> load_master(const std::filesystem::path& file, const std::filesystem::path& narration_wav,
                                const Narration& narration);

}  // namespace vivid::render
