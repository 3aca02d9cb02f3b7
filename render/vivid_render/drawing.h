// Where a video's frames are drawn: on a GPU where hardware is wanted and one can be had, else on the CPU.
//
// Threads: the stage's. Errors: none; what keeps a GPU from drawing is told in words.
#pragma once

#include <memory>
#include <string>

#include "render/compose/studio.h"
#include "render/vivid_render/stage_functions.h"

namespace vivid::render {

struct Drawing {
  std::unique_ptr<Studio> studio;  // null: the CPU draws
  // Why it is not the GPU although that was to draw; empty: it is, or none was.
  std::string problem;
};

Drawing choose_drawing(StageCall& call);

// After a GPU was to draw: why the CPU shall draw it all once more; empty: it shall not. A GPU that is lost makes the
// status say so, and its worker end.
std::string after_failure(StageCall& call, Status& failed);

// A problem counts as a fallback, unless the encoder had one already, which says more.
void tell_drawing(StageCall& call, const Drawing& drawing);

}  // namespace vivid::render
