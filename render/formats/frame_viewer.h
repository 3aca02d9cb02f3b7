// Whoever is shown the frames of a lesson as they are composed: one composition serves all of them.
//
// Threads: one viewer, one thread. A viewer that failed is not called again, and leaves no file behind.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "render/compose/composer.h"

namespace vivid::render {

class FrameViewer {
 public:
  virtual ~FrameViewer() = default;
  // The first frame from `index` on that it wants to see; none: no more.
  virtual std::optional<std::int64_t> next(std::int64_t index) const = 0;
  // Frames come in order. `frame.held` holds only for a viewer that wants every frame.
  virtual Status show(std::int64_t index, const ComposedFrame& frame) = 0;
  // After the last frame: the files are there, each under its name, once it returns.
  virtual Status finish() = 0;
  // What it makes, relative to the work directory, in the order in which it is to be published.
  virtual std::vector<std::string> products() const = 0;
};

}  // namespace vivid::render
