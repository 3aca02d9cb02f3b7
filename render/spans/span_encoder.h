// One span through an encoder of its own.
//
// Threads: free functions; the composer and the encoder belong to the caller's thread. Errors: those of composing and
// encoding; cancelled when it was told to stop.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "render/compose/composer.h"
#include "render/encode/video_encoder.h"
#include "render/spans/encoded_span.h"
#include "render/spans/span_plan.h"

namespace vivid::render {

// What goes on while spans are encoded, seen from elsewhere.
struct SpanProgress {
  std::atomic<bool> stop{false};
  std::atomic<std::int64_t> frames{0};
  // Time spent, added up over all threads.
  std::atomic<std::int64_t> compose_us{0};
  std::atomic<std::int64_t> encode_us{0};
};

// Shows the encoder the frames of the span, as the first ones of a video.
Status film_span(const Span& span, Composer& composer, VideoEncoder& encoder, const Clock& clock,
                 SpanProgress& progress, const PacketSink& sink);

// As film_span, into memory.
Result<EncodedSpan> encode_span(const Span& span, Composer& composer, VideoEncoder& encoder, const Clock& clock,
                                SpanProgress& progress);

// What a file is told about the encoder's stream.
Result<std::vector<std::uint8_t>> headers_of(const VideoEncoder& encoder);

// Collects what an encoder makes of a span.
PacketSink recording(EncodedSpan& span);

}  // namespace vivid::render
