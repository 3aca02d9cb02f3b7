// Which music plays under the voice, if any.
//
// Threads: free function; reads the whole file.
#pragma once

#include <optional>
#include <string>

#include "render/protocol/options.h"
#include "render/sound/music_bed.h"
#include "render/storyboard/storyboard.h"

namespace vivid::render {

struct ChosenMusic {
  std::optional<MusicFacts> music;
  std::string warning;  // why what was named is not played; a lesson is worth hearing without it
};

// What the lesson names, else what the options do.
ChosenMusic choose_music(const Storyboard& storyboard, const RenderOptions& options);

}  // namespace vivid::render
