// A picture that says "so much of the one before, so much of the one after": a B slice in which every macroblock is
// skipped and both references are weighed.
//
// What it decodes to is, for each sample, (before * (128 - share) + after * share + 64) >> 7: no macroblock moves
// (8.4.1.2.2: each neighbour uses the first references without motion), there is nothing to add, and no edge to smooth.
// One step of a fade from a still picture to another is just that, so no encoder has to look at it. The weights need a
// set of picture parameters of its own beside the encoder's.
//
// Threads: immutable. Ownership: keeps copies of the parameters.
#pragma once

#include <cstdint>

#include "render/hold/nal.h"
#include "render/hold/parameter_sets.h"

namespace vivid::render::h264 {

// Shares are 1 … kWholeShare - 1.
inline constexpr int kWholeShare = 128;

class MixSlice {
 public:
  // `sequence` is the one that the file will have, `picture` the encoder's set.
  MixSlice(const SequenceParameters& sequence, const PictureParameters& picture);

  // The set that its slices use, as a unit with its start code.
  const Bytes& parameter_set() const { return set_; }
  // Appends the picture as a unit with its start code. `order_count` is cut to the width of the field.
  void append(int share, std::uint32_t frame_num, std::uint32_t order_count, Bytes& to) const;

 private:
  SequenceParameters sequence_;
  PictureParameters picture_;
  Bytes set_;
  Bytes cabac_data_;
};

}  // namespace vivid::render::h264
