// Where a video is cut into spans: stretches that begin with an IDR picture and refer to nothing outside themselves, so
// that each can be encoded on its own, beside others, or be taken from an earlier encoding.
//
// Spans begin where a place to start is due anyway, so that cutting costs no picture more. A cut falls where nothing
// moves: at a picture that stays, or else at the first that changes after one has stayed, so that a transition lies in
// one span. Only what moves for longer than places to start may be apart is cut while it moves, and then not within a
// transition where that can be helped.
//
// Threads: pure functions over values. Units: frames of the video.
#pragma once

#include <cstdint>
#include <vector>

#include "render/compose/composer.h"

namespace vivid::render {

// A picture that differs from the one before.
struct ShownPicture {
  std::int64_t index = 0;  // of the first frame that shows it
  std::int64_t holds = 0;  // frames after that one that show it too
  bool passing = false;    // one step of a transition
  bool mixed = false;      // made of the picture before the transition and the one after it

  std::int64_t end() const { return index + 1 + holds; }
};

struct Span {
  std::int64_t first = 0;
  std::int64_t end = 0;
  std::int64_t pictures = 0;  // that an encoder is shown

  std::int64_t frames() const { return end - first; }
  bool operator==(const Span&) const = default;
};

struct SpanRules {
  // How many frames may pass from one place to start to the next; at least HoldPlanner::kShortestGap.
  std::int64_t longest_gap = 150;
};

// A picture may stay for ever: a span is at most so many times the longest gap long.
inline constexpr std::int64_t kMostGapsInSpan = 12;

// As the composer knows them before it draws.
std::vector<ShownPicture> shown_pictures(const Composer& composer);

// `pictures` follow one another without gaps from frame 0, at least one. Spans do too, none shorter than two frames but
// a video of one.
std::vector<Span> plan_spans(const std::vector<ShownPicture>& pictures, const SpanRules& rules);

}  // namespace vivid::render
