#include <nlohmann/json.hpp>

#include "base/files.h"
#include "daemon/pipeline/stage_work.h"
#include "daemon/pipeline/uploader.h"

namespace vivid::daemon {
namespace {

using nlohmann::json;
constexpr const char* kPublishedManifest = "published-manifest.json";
constexpr std::uint64_t kMaxManifestBytes = 4 * 1024 * 1024;

struct Upload {
  render::ProducedFile file;
  std::string object;  // its name in the bucket
  std::string uri;
};

// Uploads one file after another and says how far it is.
class Uploader {
 public:
  Uploader(const StageContext& context, const PublishTarget& target, std::shared_ptr<WorkControl> control)
      : context_(context), target_(target), control_(std::move(control)) {}

  void plan(std::uint64_t bytes) { total_bytes_ += bytes; }

  // `file.name` is the object's; `local` the file's in the job's folder.
  Status put(const render::ProducedFile& file, const std::string& local) {
    const SteadyTime start = system_clock().steady_now();
    sync::PutRequest request;
    request.bucket = target_.bucket;
    request.name = object_prefix(context_.lease.uid, context_.lease.fence) + "/" + file.name;
    request.file = context_.folder / local;
    request.content_type = file.content_type;
    request.metadata = {
        {"request", context_.lease.uid}, {"fence", std::to_string(context_.lease.fence)}, {"sha256", file.sha256}};
    request.expected_size_bytes = file.size_bytes;
    request.expected_crc32c = file.crc32c;
    VIVID_ASSIGN(auto facts, target_.store.put(request, [&](std::uint64_t done, std::uint64_t) {
      report(file.name, done_bytes_ + done);
      return !control_->stop.load();
    }));
    done_bytes_ += file.size_bytes;
    report(file.name, done_bytes_);
    uploads_.push_back({file, request.name, std::move(facts.url)});
    const auto took = system_clock().steady_now() - start;
    steps_.push_back({"upload " + file.name, std::chrono::duration_cast<std::chrono::microseconds>(start - began_),
                      std::chrono::duration_cast<std::chrono::microseconds>(took)});
    return {};
  }

  const std::vector<Upload>& uploads() const { return uploads_; }
  std::vector<render::Step> take_steps() { return std::move(steps_); }

 private:
  void report(const std::string& name, std::uint64_t done) const {
    render::Progress progress;
    progress.step = "upload " + name;
    progress.fraction = total_bytes_ == 0 ? 1.0 : static_cast<double>(done) / static_cast<double>(total_bytes_);
    control_->progress(progress);
  }

  const StageContext& context_;
  const PublishTarget& target_;
  const std::shared_ptr<WorkControl> control_;
  const SteadyTime began_ = system_clock().steady_now();
  std::uint64_t total_bytes_ = 0;
  std::uint64_t done_bytes_ = 0;
  std::vector<Upload> uploads_;
  std::vector<render::Step> steps_;
};

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
