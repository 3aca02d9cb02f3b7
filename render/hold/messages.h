// The messages of a stream to its decoder (SEI, 7.3.2.3).
//
// Threads: pure functions.
#pragma once

#include "render/hold/nal.h"

namespace vivid::render::h264 {

// The messages but those about timing (payload type 1); empty: there is no other. A unit that ends too early comes back
// as it is.
Bytes without_timing_messages(ByteView payload);

}  // namespace vivid::render::h264
