// The operator's command that hears of a finished job: its result as JSON on standard input.
//
// Threads: the loop's. Errors: unavailable when the command fails or cannot be started; it may be tried again.
#pragma once

#include <uv.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "daemon/loop/mailbox.h"
#include "daemon/pipeline/stage_context.h"
#include "daemon/pipeline/stage_run.h"

namespace vivid::daemon {

struct HookOptions {
  std::vector<std::string> command;
  std::vector<std::string> environment;  // NAME=value, beside the daemon's own
  std::chrono::milliseconds grace{5'000};
};

// What the command is told: {"job", "correlation_id", "class", "state", "files": […]}.
std::string notification_json(const StageContext& context);

std::unique_ptr<StageRun> start_hook(uv_loop_t* loop, const Mailbox::Poster& poster, HookOptions options,
                                     std::string input, const queue::Lease& lease, StageEvents events);

}  // namespace vivid::daemon
