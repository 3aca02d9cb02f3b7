// narration.json beside narration.wav: the narration's times, for the stages that come later.
//
// Threads: free functions. Errors: those of the disk; data_corrupt for a file of another form.
#pragma once

#include <filesystem>

#include "base/error.h"
#include "render/speech/narration.h"

namespace vivid::render {

inline constexpr const char* kNarrationWav = "narration.wav";
inline constexpr const char* kDescribedWav = "narration-described.wav";
inline constexpr const char* kNarrationJson = "narration.json";

Status save_narration(const Narration& narration, const std::filesystem::path& directory);

}  // namespace vivid::render
