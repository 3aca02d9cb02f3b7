// The lessons whose pictures are kept: every kind of scene, every script, every subject's theme, and what viewers ask
// for.
//
// Threads: free functions.
#pragma once

#include <string>
#include <vector>

#include "render/protocol/options.h"
#include "render/storyboard/storyboard.h"

namespace vivid::render::testing {

// One picture: a scene of a lesson, its last page fully shown.
struct Golden {
  std::string name;  // and its file's
  Storyboard lesson;
  int scene = 0;
  RenderOptions options;
};

std::vector<Golden> goldens();

}  // namespace vivid::render::testing
