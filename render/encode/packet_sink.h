// Where encoders put what they made. The packet is the sink's to use until it returns; it may take its references.
//
// Threads: called on the thread that encodes.
#pragma once

#include <functional>

#include "base/error.h"

struct AVPacket;

namespace vivid::render {

using PacketSink = std::function<Status(AVPacket& packet)>;

}  // namespace vivid::render
