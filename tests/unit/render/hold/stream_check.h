// Reads a spliced stream by the rules of the standard, which decoders are lenient about.
//
// Threads: a pure function.
#pragma once

#include <string>

#include "tests/unit/render/hold/clip.h"

namespace vivid::render::testing_support {

// What is wrong, in words; empty: nothing. Numbers of frames leave no gap (7.4.3), the order count that a decoder
// derives (8.2.1) rises by two a frame from every IDR picture on, no two pictures that nothing refers to follow one
// another where it has type 2, IDR pictures that follow one another have different ids (7.4.3), and the marks of the
// packets say what the stream says.
std::string find_stream_fault(const Bytes& header, const std::vector<ClipPacket>& packets);

}  // namespace vivid::render::testing_support
