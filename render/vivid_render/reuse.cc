#include "render/vivid_render/reuse.h"

#include <string>
#include <utility>

namespace vivid::render {

std::unique_ptr<SpanCache> open_span_cache(StageCall& call) {
  const SpanCacheSettings& settings = call.task.options.span_cache;
  if (settings.directory.empty()) return nullptr;
  SpanCacheOptions options;
  options.directory = settings.directory;
  options.max_bytes = settings.max_bytes;
  auto cache = SpanCache::open(options);
  if (cache.has_value()) return std::move(*cache);
  call.result.warnings.push_back("nothing is kept for the next time: " + cache.error().message);
  return nullptr;
}

void add_reuse(const SpanCache& cache, StageResult& result) {
  const SpanCacheCounts counts = cache.counts();
  ReuseCounts sum = result.reuse.value_or(ReuseCounts{});
  sum.hits += counts.hits;
  sum.misses += counts.misses;
  sum.bytes_read += counts.bytes_read;
  sum.bytes_written += counts.bytes_written;
  sum.evicted += counts.evicted;
  sum.corrupt += counts.corrupt;
  sum.refused += counts.refused;
  result.reuse = sum;
  if (counts.refused == 0) return;
  result.warnings.push_back(std::to_string(counts.refused) + " of " + std::to_string(counts.misses) +
                            " new parts could not be kept for the next time: " + cache.refusal());
}

}  // namespace vivid::render
