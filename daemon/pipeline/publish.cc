#include <nlohmann/json.hpp>

#include "base/files.h"
#include "daemon/pipeline/stage_work.h"
#include "daemon/pipeline/uploader.h"

namespace vivid::daemon {
namespace {

using nlohmann::json;
constexpr const char* kPublishedManifest = "published-manifest.json";
constexpr std::uint64_t kMaxManifestBytes = 4 * 1024 * 1024;

json files_json(const std::vector<Upload>& uploads) {
  json files = json::array();
  for (const Upload& upload : uploads) {
    files.push_back({{"name", upload.file.name},
                     {"object", upload.object},
                     {"uri", upload.uri},
                     {"content_type", upload.file.content_type},
                     {"size_bytes", upload.file.size_bytes},
                     {"sha256", upload.file.sha256},
                     {"crc32c", upload.file.crc32c}});
  }
  return files;
}

json stages_json(const std::vector<StageOutput>& outputs) {
  json stages = json::object();
  for (const StageOutput& output : outputs) {
    json steps = json::array();
    for (const render::Step& step : output.result.steps) {
      steps.push_back({{"name", step.name}, {"seconds", std::chrono::duration<double>(step.duration).count()}});
    }
    stages[output.stage] = {{"steps", steps}, {"cpu_seconds", output.result.cpu_seconds}};
  }
  return stages;
}

json manifest_json(const StageContext& context, const std::vector<Upload>& uploads) {
  json warnings = json::array();
  // What the renderer says of the lesson, if it ran, and what only the daemon knows.
  json manifest = json::object();
  if (const auto rendered = read_file(context.folder / kManifestFile, kMaxManifestBytes)) {
    manifest = json::parse(*rendered, nullptr, false);
    if (!manifest.is_object()) manifest = json::object();
  }
  const json ours = {{"job", context.lease.uid},
                     {"fence", context.lease.fence},
                     {"correlation_id", context.lease.correlation_id},
                     {"class", context.lease.job_class},
                     {"vividd", VIVID_VERSION},
                     {"files", files_json(uploads)},
                     {"stages", stages_json(context.outputs)}};
  manifest.update(ours);
  if (const Request* request = context.request()) manifest["modalities"] = names_of(request->modalities);
  for (const StageOutput& output : context.outputs) {
    for (const std::string& warning : output.result.warnings) warnings.push_back(warning);
    if (output.stage != render::kStageVideoGeneration) continue;
    manifest["video"] = {{"encoder", output.result.encoder},
                         {"fallback_reason", output.result.fallback_reason},
                         {"media_seconds", output.result.media_seconds},
                         {"frames", output.result.frames}};
  }
  manifest["warnings"] = warnings;
  return manifest;
}

std::vector<render::ProducedFile> deliverables(const std::vector<StageOutput>& outputs) {
  std::vector<render::ProducedFile> files;
  for (const StageOutput& output : outputs) {
    for (const render::ProducedFile& file : output.result.files) {
      if (!is_deliverable(file)) continue;
      // A later stage's file of the same name replaces the earlier one.
      std::erase_if(files, [&](const render::ProducedFile& have) { return have.name == file.name; });
      files.push_back(file);
    }
  }
  return files;
}

}  // namespace

bool is_deliverable(const render::ProducedFile& file) {
  if (file.name.starts_with(".") || file.name == kManifestFile) return false;
  for (const char* type : {"video/mp4", "video/webm", "audio/mp4", "audio/mpeg", "text/vtt", "text/markdown",
                           "application/x-subrip", "application/vnd.apple.mpegurl", "image/jpeg", "image/png"}) {
    if (file.content_type == type) return true;
  }
  return false;
}

Result<WorkResult> publish_stage(const StageContext& context, const PublishTarget& target,
                                 const std::shared_ptr<WorkControl>& control) {
  Uploader uploader(context, target, control);
  const auto files = deliverables(context.outputs);
  for (const auto& file : files) uploader.plan(file.size_bytes);
  VIVID_TRY(uploader.put_all(files));

  const json manifest = manifest_json(context, uploader.uploads());
  // Beside the renderer's own, which is another stage's file.
  VIVID_TRY(write_file_durably(context.folder / kPublishedManifest,
                               manifest.dump(2, ' ', false, json::error_handler_t::replace) + "\n"));
  VIVID_ASSIGN(auto manifest_file, describe_output(context.folder, kPublishedManifest, "application/json"));
  manifest_file.name = kManifestFile;
  VIVID_TRY(uploader.put(manifest_file, kPublishedManifest));

  WorkResult work;
  for (const Upload& upload : uploader.uploads()) {
    work.result.files.push_back(upload.file);
    work.result.steps.push_back(upload.step);
  }
  json kept = json::parse(render::to_json(work.result), nullptr, false);
  kept["published"] = files_json(uploader.uploads());
  work.json = kept.dump();
  return work;
}

}  // namespace vivid::daemon
