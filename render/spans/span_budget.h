// How many spans are encoded side by side, and by how many threads each.
//
// Threads: free functions. Units: bytes of memory as encoders were seen to take them.
#pragma once

#include <cstdint>

#include "render/protocol/options.h"
#include "render/spans/span_plan.h"

namespace vivid::render {

// What encoders that run at once may be and take together.
struct SpanBudget {
  int spans = 1;
  std::int64_t memory_bytes = 0;  // 0: whatever they take
};

// As options.parallel_spans says. Where that leaves it open: one thread for each of `processors`, and no more memory
// than one encoder of the whole video takes and 64 MiB; with more processors than that encoder has threads, in
// proportion.
SpanBudget span_budget(const RenderOptions& options, int processors);

// A span of few pictures is encoded by one thread, which wastes nothing where others run beside it; a longer one by as
// many as the options say. The bytes depend on it, so it follows from the span alone.
int span_threads(const Span& span, const RenderOptions& options);

// About what encoding it takes.
std::int64_t span_memory_bytes(const Span& span, const RenderOptions& options);

// Processors that this process may use.
int usable_processors();

}  // namespace vivid::render
