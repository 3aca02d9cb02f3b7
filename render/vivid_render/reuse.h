// What a stage takes from earlier encodings, and what it tells about that.
//
// Threads: free functions; the cache may be used from any thread.
#pragma once

#include <memory>

#include "render/span_cache/span_cache.h"
#include "render/vivid_render/stage_functions.h"

namespace vivid::render {

// As the task's options say; null: nothing is kept, or it cannot be, which is told as a warning: work goes on without.
std::unique_ptr<SpanCache> open_span_cache(StageCall& call);

// Adds what went on in the cache to what the stage has told of it.
void add_reuse(const SpanCache& cache, StageResult& result);

}  // namespace vivid::render
