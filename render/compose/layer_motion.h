// How a layer comes in, steps back and comes forward again: keyframes for what is due when.
//
// Motion serves the voice: what is spoken of appears, a little way into its place, and what has been spoken of steps
// back. Nothing moves for its own sake.
//
// Threads: free functions. Units: frames.
#pragma once

#include <cstdint>
#include <optional>

#include "render/compose/frame_rate.h"
#include "render/compose/timeline.h"

namespace vivid::render {

struct LayerCue {
  enum class Coming {
    there,       // with its page, as it is
    with_scene,  // with its page, while the scene before fades out
    revealed,    // at `frame`
    drawn,       // at `frame`, as if by hand
    never,
  };
  Coming coming = Coming::there;
  std::int64_t frame = 0;
  std::int64_t end = 0;              // of its page: what comes in is there by then
  std::optional<std::int64_t> rest;  // when it steps back
  std::optional<std::int64_t> back;  // and comes forward again
};

TimedLayer timed_layer(const StageLayer& layer, const LayerCue& cue, const StageScene& scene, FrameRate rate);

}  // namespace vivid::render
