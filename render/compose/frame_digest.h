// What frames show, as a digest: the same for two stretches of two videos exactly if their frames are the same, change
// at the same places and are steps of transitions alike, wherever in their videos they are.
//
// It is taken of the pixels that frames are put together from, and of how: not of the script that asked for them.
//
// Threads: free function. Errors: those of drawing.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "render/compose/picture_store.h"
#include "render/compose/timeline.h"

namespace vivid::render {

// 64 hex digits for the frames [first, end), of which there is at least one.
Result<std::string> digest_frames(const Timeline& timeline, PictureStore& store, std::int64_t first, std::int64_t end);

}  // namespace vivid::render
