// Where canvases come from: this machine's memory, or a device's.
//
// Threads: a studio and its canvases belong to one thread; fork() makes a studio for another. Ownership: a canvas may
// outlive its studio. Errors: those of the device; memory has none.
#pragma once

#include <memory>
#include <string>

#include "base/error.h"

namespace vivid::render {

class Canvas;

class Studio {
 public:
  Studio() = default;
  virtual ~Studio() = default;
  Studio(const Studio&) = delete;
  Studio& operator=(const Studio&) = delete;

  virtual Result<std::unique_ptr<Canvas>> make_canvas(int width_px, int height_px) = 0;
  virtual std::unique_ptr<Studio> fork() const = 0;
  // Who draws: studios of one name make the same samples of the same pictures.
  virtual std::string name() const = 0;
};

// Draws in this machine's memory, with its vector unit.
std::unique_ptr<Studio> make_memory_studio();

}  // namespace vivid::render
