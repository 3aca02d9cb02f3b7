// Coded frames of AAC-LC (ISO/IEC 14496-3, 4.4.2), as far as they must be understood to be joined and to be heard by
// both ears. Frames are those that AacEncoder asks FFmpeg for: one element, no side band, no fill elements.
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/error.h"

namespace vivid::render {

// How a frame fades into the one after it: two frames fit together when the first one's end is what the second one's
// beginning was made for.
struct AacSlope {
  bool is_short = false;
  bool kaiser_bessel = false;  // or a sine

  bool operator==(const AacSlope&) const = default;
};

// None: the two ears have windows of their own, or this is no such frame.
std::optional<AacSlope> ending_slope(std::span<const std::uint8_t> frame);

// A frame of one channel as a frame of two that sound alike: the channel becomes the middle of a pair whose sides are
// silent, so that the second ear costs a few bits instead of as many again. The frame must be without noise
// substitution and temporal noise shaping, which a pair has once an ear. Errors: data_corrupt for another form.
Result<std::vector<std::uint8_t>> pair_of(std::span<const std::uint8_t> single);

}  // namespace vivid::render
