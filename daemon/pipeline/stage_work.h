// The stages that vividd runs itself, on a thread: validation, script generation and the upload.
//
// Threads: each function blocks; `control` may be used from that thread alone, its stop flag is set by the loop.
// Errors: as StageResult of a worker: permanent or transient by their code.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "daemon/intake/script_provider.h"
#include "daemon/pipeline/stage_context.h"
#include "render/protocol/messages.h"
#include "sync/storage/object_store.h"

namespace vivid::daemon {

inline constexpr const char* kScriptFile = "script.json";
inline constexpr const char* kTextFile = "text.md";
inline constexpr const char* kManifestFile = "manifest.json";

// What work in a thread and the loop share.
struct WorkControl {
  std::atomic<bool> stop{false};
  std::function<void(const render::Progress&)> progress;  // from the working thread
};

struct WorkResult {
  render::StageResult result;
  std::string json;  // of the stage, as the queue keeps it; at least what to_json(result) has
};

// Checks the request again, as it will be worked on, and writes the lesson's text.
Result<WorkResult> validate_stage(const StageContext& context, const std::string& environment);

Result<WorkResult> script_stage(const StageContext& context, const ScriptProvider& provider);

struct PublishTarget {
  sync::ObjectStore& store;
  std::string bucket;
  std::string cache_control;
  int parallel = 1;  // files at once
};
// Puts every file that is for others into the store, the manifest last: who sees it finds all that it names.
Result<WorkResult> publish_stage(const StageContext& context, const PublishTarget& target,
                                 const std::shared_ptr<WorkControl>& control);

// Whether a file is a result rather than something one stage leaves for the next.
bool is_deliverable(const render::ProducedFile& file);

}  // namespace vivid::daemon
