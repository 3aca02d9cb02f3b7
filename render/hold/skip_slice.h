// A picture that says "as the one before": a P slice in which every macroblock is skipped.
//
// What it decodes to is its first reference, bit by bit: every macroblock is predicted without motion (8.4.1.1), there
// is nothing to add, and no edge to smooth. Its data are the same for every picture of a stream and are made once.
//
// Threads: immutable. Ownership: keeps copies of the parameters.
#pragma once

#include <cstdint>

#include "render/hold/nal.h"
#include "render/hold/parameter_sets.h"

namespace vivid::render::h264 {

// Where a skip costs least under CABAC: quantiser 51, with cabac_init_idc 2 in P slices and 0 in B slices.
inline constexpr int kSkipQuantiser = 51;
enum class SkipContext { p, b };
// The data of such a slice of nothing but skipped macroblocks, stop bit included.
Bytes skipped_macroblocks_cabac(std::uint32_t macroblocks, SkipContext context);

class SkipSlice {
 public:
  // `sequence` is the one that the file will have.
  SkipSlice(const SequenceParameters& sequence, const PictureParameters& picture);

  // Appends the picture as a unit with its start code. `order_count` is cut to the width of the field.
  void append(bool reference, std::uint32_t frame_num, std::uint32_t order_count, Bytes& to) const;

 private:
  SequenceParameters sequence_;
  PictureParameters picture_;
  Bytes cabac_data_;
};

}  // namespace vivid::render::h264
