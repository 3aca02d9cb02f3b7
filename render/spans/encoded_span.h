// A span as an encoder made it: packets that follow one another, beginning with an IDR picture.
//
// Threads: values. Ownership: a copy of every byte. Units: times count frames from the beginning of the span.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"

namespace vivid::render {

struct SpanPacket {
  std::int64_t pts = 0;
  std::int64_t dts = 0;
  int flags = 0;  // AV_PKT_FLAG_…
  std::size_t size_bytes = 0;
};

struct EncodedSpan {
  std::vector<std::uint8_t> headers;  // parameter sets, as a file takes them
  std::int64_t frames = 0;
  std::int64_t pictures = 0;  // that the encoder was shown
  std::vector<SpanPacket> packets;
  std::vector<std::uint8_t> bytes;  // of all packets, one behind the other
};

// As it is kept. The same span always gives the same bytes.
std::string serialise(const EncodedSpan& span);
// Errors: data_corrupt for anything that serialise() does not write.
Result<EncodedSpan> parse_span(std::span<const std::byte> bytes);

}  // namespace vivid::render
