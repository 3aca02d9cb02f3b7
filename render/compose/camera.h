// A picture under a moving camera: read between its samples, so that however slow it moves, it never jumps.
//
// The picture is turned once into the coefficients of the cubic spline that runs through its samples; every frame is
// then that one curve, read at other places.
//
// Threads: immutable once made. Memory: six bytes for two of the picture's pixels.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "render/compose/pixels.h"
#include "render/layout/painter.h"

namespace vivid::render {

// How one plane of a frame is filmed, for whoever does that elsewhere: sample (x, y) is made out of the source's rows
// `rows[y].at`, from `starts[x]` on in each.
struct FilmPlan {
  struct Row {
    std::int32_t at[4] = {};
    std::int16_t weights[4] = {};
  };
  std::vector<Row> rows;
  std::vector<std::int32_t> starts;
  std::array<std::vector<std::int16_t>, 4> weights;  // of the columns
};

class CameraSource {
 public:
  // Samples that every row has before its first, and after its last.
  static constexpr int kPadding = 8;

  explicit CameraSource(const YuvFrame& picture);

  int width() const { return width_; }
  int height() const { return height_; }
  // Of what it is made: everything it shows follows from these.
  std::span<const std::int16_t> samples(int plane) const { return planes_[static_cast<std::size_t>(plane)].samples; }
  int stride(int plane) const { return planes_[static_cast<std::size_t>(plane)].stride; }
  std::size_t size_bytes() const;
  // The whole of `to` as the camera sees it. What lies beyond the picture repeats it mirrored.
  void film(const CameraView& view, YuvFrame& to) const;
  // The same for a plane of these sides; both chroma planes have one plan.
  FilmPlan plan(const CameraView& view, int plane, int width, int height) const;

 private:
  struct Plane {
    int width = 0;
    int height = 0;
    int stride = 0;
    std::vector<std::int16_t> samples;

    const std::int16_t* row(int y) const;  // mirrored beyond the first and the last
  };
  static Plane prefilter(const YuvFrame& picture, int plane);

  int width_;
  int height_;
  std::array<Plane, 3> planes_;
};

}  // namespace vivid::render
