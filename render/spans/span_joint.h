// Where spans of different encoders become one stream.
//
// All of them have the same parameter sets, so that one description serves them; the encoder's note about itself stays
// in the first one only. Nothing else is touched: every span decodes to what it decodes to alone.
//
// Threads: one joint, one thread. Errors: unsupported for spans that do not fit together; otherwise what the sink
// returns.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.h"
#include "render/encode/packet_sink.h"
#include "render/spans/encoded_span.h"

namespace vivid::render {

class SpanJoint {
 public:
  // `headers`: what the file says about the stream.
  explicit SpanJoint(std::vector<std::uint8_t> headers) : headers_(std::move(headers)) {}

  // Whether the span can go into this stream.
  bool fits(const EncodedSpan& span) const { return span.headers == headers_; }
  // Spans come in order, without gaps. Packets get the times of the video.
  Status give(const EncodedSpan& span, const PacketSink& sink);

 private:
  std::vector<std::uint8_t> headers_;
  std::int64_t next_frame_ = 0;
  // Two IDR pictures in a row must have different numbers (7.4.3): that of the last picture, if it is one.
  std::optional<std::uint32_t> last_idr_;
};

}  // namespace vivid::render
