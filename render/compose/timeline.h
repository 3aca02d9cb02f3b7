// When which page is seen: a pure function of the layout and of when things are said.
//
// A picture changes when a scene begins, when the voice reaches a further page, and when it reaches a bullet that
// appears then. Times become frames by exact integer arithmetic, so that nothing drifts however long the video is.
//
// Threads: free functions. Units: frames at a constant rate; times from the start of the narration.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "render/layout/page.h"
#include "render/speech/narration.h"
#include "render/storyboard/storyboard.h"

namespace vivid::render {

// The frame on whose time a moment falls, rounded to the nearest.
std::int64_t frame_at(std::chrono::microseconds time, int frames_per_second);
// Frames that cover the whole duration: a part of a frame counts as one.
std::int64_t frames_covering(std::chrono::microseconds duration, int frames_per_second);

enum class Blend { none, fade, slide };

// A stretch of frames that show one state of one page, from its transition on.
struct Span {
  int scene = 0;
  int page = 0;
  int step = 0;
  std::int64_t first = 0;
  std::int64_t count = 0;
  Blend blend = Blend::none;
  std::int64_t blend_frames = 0;  // how many of `count` still show some of the span before

  std::int64_t end() const { return first + count; }
};

// `pages` holds the pages of each scene. Spans follow one another without gaps from frame 0 to
// frames_covering(narration.duration()). A scene shorter than a frame has no span.
std::vector<Span> make_timeline(const Storyboard& storyboard, const std::vector<std::vector<Page>>& pages,
                                const Narration& narration, int frames_per_second);

}  // namespace vivid::render
