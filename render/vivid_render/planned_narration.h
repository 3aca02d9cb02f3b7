// Scene lengths for pictures that need no voice: stills look the same however long their scene lasts.
//
// Threads: pure.
#pragma once

#include "render/speech/narration.h"
#include "render/storyboard/storyboard.h"

namespace vivid::render {

inline Narration planned_narration(const Storyboard& storyboard) {
  Narration narration;
  std::chrono::microseconds start{0};
  for (const Scene& scene : storyboard.scenes) {
    narration.scenes.push_back({start, start + scene.planned_duration});
    start += scene.planned_duration;
  }
  return narration;
}

}  // namespace vivid::render
