// narration.m4a: the finished sound, encoded, and listened to once more as it is encoded, so that the limits hold for
// what is heard in the end.
//
// Threads: free function. Memory: a constant. Errors: those of master.h and mp4_writer.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "render/package/mp4_writer.h"
#include "render/protocol/messages.h"
#include "render/sound/master.h"

namespace vivid::render {

struct SoundFile {
  MasterPlan plan;                    // what was played in the end
  std::optional<SoundLevels> levels;  // none: silence
  std::vector<std::string> warnings;
};

Result<SoundFile> write_sound_file(const SoundRecipe& recipe, const Mp4Options& options, const SoundProgress& progress);

}  // namespace vivid::render
