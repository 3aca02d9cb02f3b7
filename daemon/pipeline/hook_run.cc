#include "daemon/pipeline/hook_run.h"

#include <nlohmann/json.hpp>

#include "base/log.h"
#include "daemon/loop/child_process.h"
#include "daemon/pipeline/job_plan.h"

namespace vivid::daemon {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestReason = 512;

class HookRun : public StageRun {
 public:
  explicit HookRun(std::chrono::milliseconds grace) : grace_(grace) {}

  Status start(uv_loop_t* loop, const HookOptions& options, std::string input, log::Fields fields, StageEvents events) {
    ChildOptions child_options;
    child_options.arguments = options.command;
    child_options.extra_environment = options.environment;
    child_options.with_input = true;
    ChildEvents child_events;
    // What it says is progress too.
    child_events.on_output = [this, fields = std::move(fields),
                              on_progress = events.on_progress](std::string_view line) {
      log::info(line, fields);
      if (!line.empty()) last_line_ = line.substr(0, kLongestReason);
      on_progress({});
    };
    child_events.on_exit = [this, finished = events.on_finished](const ChildExit& exit) { end(exit, finished); };
    VIVID_ASSIGN(child_, ChildProcess::spawn(loop, child_options, std::move(child_events)));
    child_->write_input(std::move(input));
    return {};
  }

  void stop(const Error& why) override {
    why_ = why;
    if (child_) child_->end(grace_);
  }

 private:
  void end(const ChildExit& exit, const std::function<void(StageReport)>& finished) {
    StageReport report{render::StageResult{}, {}, {}, std::nullopt};
    if (!exit.success()) {
      std::string message = "notify.command " + exit.describe();
      if (!last_line_.empty()) message += ": " + last_line_;
      report.result = tl::make_unexpected(why_.value_or(Error{ErrorCode::unavailable, std::move(message)}));
    } else {
      report.json = render::to_json(*report.result);
    }
    finished(std::move(report));
  }

  const std::chrono::milliseconds grace_;
  std::optional<Error> why_;
  std::string last_line_;  // of what the hook said, which tells why it failed
  std::unique_ptr<ChildProcess> child_;
};

}  // namespace

std::string notification_json(const StageContext& context) {
  json files = json::array();
  for (const StageOutput& output : context.outputs) {
    if (output.stage != kStageVideoProcessing) continue;
    for (const render::ProducedFile& file : output.result.files) {
      files.push_back({{"name", file.name},
                       {"content_type", file.content_type},
                       {"size_bytes", file.size_bytes},
                       {"sha256", file.sha256}});
    }
  }
  return json{{"job", context.lease.uid},
              {"fence", context.lease.fence},
              {"correlation_id", context.lease.correlation_id},
              {"class", context.lease.job_class},
              {"state", "completed"},
              {"files", files}}
             .dump(-1, ' ', false, json::error_handler_t::replace) +
         "\n";
}

std::unique_ptr<StageRun> start_hook(uv_loop_t* loop, const Mailbox::Poster& poster, HookOptions options,
                                     std::string input, const queue::Lease& lease, StageEvents events) {
  auto run = std::make_unique<HookRun>(options.grace);
  log::Fields fields{{"correlation_id", lease.correlation_id},
                     {"job", lease.uid},
                     {"stage", lease.stage},
                     {"attempt", lease.key.attempt}};
  const auto finished = events.on_finished;
  if (Status started = run->start(loop, options, std::move(input), std::move(fields), std::move(events)); !started) {
    poster([finished, error = Error{ErrorCode::unavailable, started.error().message}] {
      finished({tl::make_unexpected(error), {}, {}, std::nullopt});
    });
  }
  return run;
}

}  // namespace vivid::daemon
