// Methods about what was encoded before.
#include <nlohmann/json.hpp>

#include "daemon/vividd/job_json.h"
#include "daemon/vividd/methods.h"
#include "render/span_cache/span_cache.h"

namespace vivid::daemon {

using nlohmann::json;

bool Methods::handle_cache(Call& call) {
  const std::string& method = call.method;
  if (method != "cache.status" && method != "cache.clear") return false;
  auto reply = std::make_shared<Responder>(std::move(call.responder));
  const auto& cache = parts_.config.render.span_cache;
  Status asked;
  if (method == "cache.status") {
    asked = parts_.stage_pool->submit([directory = cache.directory] { return render::SpanCache::look_into(directory); },
                                      [reply, cache](const render::SpanCacheContents& contents) {
                                        reply->result(to_text(json{{"enabled", cache.enabled},
                                                                   {"directory", cache.directory.string()},
                                                                   {"entries", contents.entries},
                                                                   {"bytes", contents.bytes},
                                                                   {"max_bytes", cache.max_bytes}}));
                                      });
  } else {
    asked = parts_.stage_pool->submit(
        [directory = cache.directory] { return render::SpanCache::clear(directory); },
        [reply](const Result<render::SpanCacheContents>& removed) {
          if (!removed) return reply->fail(removed.error());
          reply->result(to_text(json{{"removed", removed->entries}, {"bytes", removed->bytes}}));
        });
  }
  if (!asked) reply->fail(asked.error());
  return true;
}

}  // namespace vivid::daemon
