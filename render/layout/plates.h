// Solid ground for words on a picture: whatever the picture shows, they have the theme's contrast.
//
// Threads: free functions; the engine belongs to one thread. Units: design pixels.
#pragma once

#include <vector>

#include "render/layout/scene_layout.h"

namespace vivid::render {

// Puts a plate behind text and bars that stand on no solid card yet; those close to each other share one.
void put_plates(std::vector<Page>& pages, const SceneContext& context);

}  // namespace vivid::render
