// When the pages and steps of a scene are due: as the voice speaks of them.
//
// Threads: free functions. Units: times from the start of the narration.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "render/layout/page.h"
#include "render/speech/narration.h"
#include "render/storyboard/storyboard.h"

namespace vivid::render {

struct Cue {
  int page = 0;
  int step = 0;
  std::chrono::microseconds time{0};
};

// One for each step of each page of the scene, in order, the first when the scene starts. What nobody speaks of appears
// with its page; a page nobody speaks of comes when its share of the text has had its share of the time.
std::vector<Cue> find_cues(const Scene& scene, int index, const std::vector<std::vector<Step>>& pages,
                           const Narration& narration);

// When the voice has spoken of the scene's last bullet; nothing where it speaks of none.
std::optional<std::chrono::microseconds> find_bullets_end(const Scene& scene, int index, const Narration& narration);

// When the voice names each annotation of the scene; nothing where it does not.
std::vector<std::optional<std::chrono::microseconds>> find_mentions(const Scene& scene, int index,
                                                                    const Narration& narration);

}  // namespace vivid::render
