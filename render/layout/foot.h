// What stands below the words of every page: the watermark, the number of a page that is one of several, and how far
// the lesson has come.
//
// Threads: free functions; the engine belongs to one thread. Units: design pixels.
#pragma once

#include <vector>

#include "render/layout/scene_layout.h"

namespace vivid::render {

void put_foot(std::vector<Page>& pages, const SceneContext& context, bool rtl);

}  // namespace vivid::render
