// One attempt of one stage while it runs, whoever runs it: a worker process, a thread of ours, or a hook command.
//
// Threads: the loop's. Ownership: destroying a StageRun abandons the attempt: a process is killed, a thread's answer
// dropped.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "render/protocol/messages.h"

namespace vivid::daemon {

struct StageReport {
  Result<render::StageResult> result;
  std::string json;  // of the result, as the queue keeps it
  std::vector<render::Step> steps;
  std::optional<render::Progress> last_progress;
  std::string gpu = {};  // that it ran on; empty: none
};

struct StageEvents {
  std::function<void(const render::Progress&)> on_progress;
  // Once, when the attempt is over for certain: nothing of it still runs. May destroy the StageRun.
  std::function<void(StageReport)> on_finished;
};

class StageRun {
 public:
  virtual ~StageRun() = default;
  // Ends it early; on_finished follows, with `why` unless it was done just then.
  virtual void stop(const Error& why) = 0;
};

// Where an attempt's time went, as JSON for its history: steps, and how far it had come.
std::string attempt_detail(const StageReport& report);

}  // namespace vivid::daemon
