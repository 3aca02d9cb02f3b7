// A video out of spans: those that were encoded before come from the cache, the others are encoded, several side by
// side where that is faster, and all of them go on in order.
//
// The bytes depend on neither: how spans are cut follows from the frames, how each is encoded from the span.
//
// Threads: film_in_spans() starts and ends its own; it asks, tells and hands packets over on the caller's only.
// Memory: as the budget says, and a bounded number of encoded spans. Errors: those of composing and encoding;
// resource_exhausted where a thread cannot be started; cancelled when cancelled() says so.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "render/compose/composer.h"
#include "render/encode/video_encoder.h"
#include "render/span_cache/span_cache.h"
#include "render/spans/span_budget.h"
#include "render/spans/span_encoder.h"
#include "render/spans/span_plan.h"

namespace vivid::render {

struct SpanFilmTask {
  Composer& composer;
  // Opened with `options`. It says what the stream is; every span has an encoder of its own.
  const VideoEncoder& encoder;
  const RenderOptions& options;
  SpanBudget budget;
  SpanCache* cache = nullptr;  // none: nothing is kept
  const Clock& clock;
  std::function<bool()> cancelled;
  std::function<void(std::int64_t frames_done)> report;  // called often
};

struct SpanFilmed {
  std::int64_t spans = 0;
  std::int64_t reused = 0;    // of them
  std::int64_t pictures = 0;  // in all of them, encoded now or earlier
  int side_by_side = 0;       // at most so many were encoded at once
  // When it failed: why held frames cannot be put into the stream, as VideoEncoder::hold_problem(); or why spans cannot
  // be made one stream. Without them the video can be made.
  std::string hold_problem;
  std::string joint_problem;
  // Time that went by: until it was known what is there already, and until encoders were done, which divides into
  // composing and encoding.
  std::chrono::microseconds looking{0};
  std::chrono::microseconds composing{0};
  std::chrono::microseconds encoding{0};
};

// Whether the video is made of spans at all: not with encoders of a device, whose sessions are few and slow to open,
// nor where every frame is encoded.
bool films_in_spans(const VideoEncoder& encoder, const RenderOptions& options);

// Also when it fails, `filmed` holds what was found out.
Status film_in_spans(const SpanFilmTask& task, const PacketSink& sink, SpanFilmed& filmed);

}  // namespace vivid::render
