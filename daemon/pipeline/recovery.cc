#include "daemon/pipeline/recovery.h"

#include <signal.h>

#include <thread>

#include "base/log.h"
#include "daemon/loop/child_process.h"

namespace vivid::daemon {

Status end_survivor(const queue::Survivor& survivor, std::chrono::milliseconds limit) {
  constexpr std::chrono::milliseconds kPoll{20};
  const auto& holder = survivor.holder;
  const auto alive = [&holder] {
    return holder.pid > 1 && process_start_ticks(holder.pid) == holder.start_ticks && holder.start_ticks != 0;
  };
  if (!alive()) return {};
  log::warning("ending a worker of an earlier vividd",
               {{"job", survivor.uid}, {"stage", survivor.stage}, {"worker", holder.pid}});
  ::kill(-holder.pid, SIGKILL);
  for (auto waited = std::chrono::milliseconds(0); alive(); waited += kPoll) {
    if (waited >= limit) {
      return fail(ErrorCode::unavailable,
                  "process " + std::to_string(holder.pid) + " of an earlier vividd does not end");
    }
    std::this_thread::sleep_for(kPoll);
  }
  return {};
}

}  // namespace vivid::daemon
