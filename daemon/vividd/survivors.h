// At the start: stages that an earlier vividd left in progress are taken back once their processes are gone.
//
// Threads: the loop's; processes are ended on the stage pool. One that cannot be ended keeps its own stage waiting,
// is looked for again and again, and holds up nobody else.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/loop/timer.h"
#include "daemon/vividd/parts.h"
#include "queue/job_queue.h"

namespace vivid::daemon {

class Survivors {
 public:
  struct Events {
    std::function<void(const queue::Survivor& survivor, queue::JobState state)> on_job_ended;
    // Once: every stage is taken back, or its processes had their chance to end.
    std::function<void()> on_done;
    // Instead of on_done: the queue does not say what was left.
    std::function<void(const Error& error)> on_failed;
  };
  Survivors(Parts& parts, Events events) : parts_(parts), events_(std::move(events)) {}
  void start();

 private:
  // `first`: the others wait for the outcome.
  void end(const queue::Survivor& survivor, bool first);
  void on_stubborn(const queue::Survivor& survivor, const Error& error, bool first);
  void take_back(const queue::Survivor& survivor, bool first);
  void on_taken_back(const queue::Survivor& survivor, const Result<queue::StageOutcome>& outcome, bool first);
  void one_is_done(bool first);

  Parts& parts_;
  Events events_;
  std::size_t left_ = 0;
  std::map<std::int64_t, std::unique_ptr<Timer>> again_;  // by stage id, of those that do not end
};

}  // namespace vivid::daemon
