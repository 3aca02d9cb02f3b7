// One composition of a lesson for everybody who wants to see its frames.
//
// Threads: runs on the caller's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "render/formats/frame_viewer.h"
#include "render/vivid_render/stage_functions.h"

namespace vivid::render {

struct Viewing {
  std::string name;  // of its step
  std::unique_ptr<FrameViewer> viewer;
  Status outcome;
};

// Composes the frames that somebody wants to see, in order, and shows them. A viewer that fails goes without the rest:
// its outcome says why, the others go on. Progress runs from `from` to `to`. Errors: cancelled; those of composing.
Status run_frame_pass(StageCall& call, Composer& composer, std::vector<Viewing>& viewings, double from, double to);

}  // namespace vivid::render
