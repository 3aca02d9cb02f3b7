// Which frames are nothing but a mixture of two others: so much of the picture that stayed before a fade, so much of
// the one that stays after it. Whoever has both can make them without looking.
//
// Threads: one object, one thread. Ownership: borrows the timeline. Units: frames; shares in 1/kWholeNextShare.
#pragma once

#include <cstdint>

#include "render/compose/composer.h"
#include "render/compose/timeline.h"

namespace vivid::render {

class Mixtures {
 public:
  explicit Mixtures(const Timeline& timeline) : timeline_(timeline) {}

  // How much of `frame` is the picture after the fade that it is a step of, all of it where it looks like that one
  // already; 0: it is no such mixture, or no step of a fade. Up to rounding, the frame is
  // share * after + (whole - share) * before. Cheap where frames are asked for in order.
  int next_share(std::int64_t frame);

 private:
  // The frames between two that are no steps of a transition.
  struct Run {
    std::int64_t before = -1;
    std::int64_t after = -1;
    bool holds(std::int64_t frame) const { return before < frame && frame < after; }
  };

  bool is_step(std::int64_t frame) const;
  Run find_run(std::int64_t frame) const;
  int share_of_blend(const Shot& shot, std::int64_t frame) const;
  int share_of_layers(const Shot& shot, std::int64_t frame) const;
  bool stays(const Shot& shot, std::int64_t first, std::int64_t last) const;

  const Timeline& timeline_;
  Run run_;
};

}  // namespace vivid::render
