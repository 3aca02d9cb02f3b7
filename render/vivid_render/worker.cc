#include "render/vivid_render/worker.h"

#include <unistd.h>

#include <optional>
#include <string>
#include <utility>

#include "base/log.h"
#include "render/encode/encoder_choice.h"
#include "render/protocol/messages.h"
#include "render/vivid_render/interrupt.h"
#include "render/vivid_render/stages.h"

namespace vivid::render {
namespace {

constexpr std::chrono::milliseconds kProgressInterval{250};

class Worker {
 public:
  Worker(MessageChannel& channel, const Clock& clock)
      : channel_(channel),
        clock_(clock),
        environment_{clock, [this](const Progress& progress) { pass_on(progress); },
                     [this] { return interrupted_by() != 0 || !sent_.has_value(); }, VoiceCache()} {}

  Status greet() { return channel_.send(encode(Hello{::getpid(), VIVID_VERSION, usable_encoders()})); }

  Status run(const Task& task) {
    const log::Fields about{
        {"job", task.job}, {"correlation_id", task.correlation_id}, {"stage", task.stage}, {"attempt", task.attempt}};
    log::debug("stage begins", about);
    last_progress_.reset();
    StageResult result;
    const Status status = run_stage(task, environment_, result);
    VIVID_TRY(sent_);
    if (status.has_value()) {
      log::debug("stage done", about);
      return channel_.send(encode(result));
    }
    log::Fields fields = about;
    fields.emplace_back("error", status.error().describe());
    // Whoever stopped it says why.
    const bool stopped = status.error().code == ErrorCode::cancelled;
    log::write(stopped ? log::Level::debug : log::Level::warning, stopped ? "stage stopped" : "stage failed", fields);
    VIVID_TRY(channel_.send(encode(Failure{status.error(), std::move(result.steps)})));
    // Another process starts with a driver that knows nothing of this.
    if (environment_.device_failed) return fail(ErrorCode::unavailable, "the GPU failed");
    return {};
  }

 private:
  // At most four a second, the first at once.
  void pass_on(const Progress& progress) {
    const SteadyTime now = clock_.steady_now();
    const bool too_soon = last_progress_.has_value() && now - *last_progress_ < kProgressInterval;
    if (too_soon) return;
    last_progress_ = now;
    if (sent_.has_value()) sent_ = channel_.send(encode(progress));
  }

  MessageChannel& channel_;
  const Clock& clock_;
  StageEnvironment environment_;
  std::optional<SteadyTime> last_progress_;
  Status sent_;
};

}  // namespace

Status run_worker(MessageChannel& channel, const Clock& clock) {
  Worker worker(channel, clock);
  VIVID_TRY(worker.greet());
  for (;;) {
    VIVID_ASSIGN(const std::optional<std::string> line, channel.receive());
    if (!line.has_value()) return {};
    VIVID_ASSIGN(const Task task, decode_task(*line));
    VIVID_TRY(worker.run(task));
  }
}

}  // namespace vivid::render
