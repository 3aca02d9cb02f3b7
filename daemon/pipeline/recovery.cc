#include "daemon/pipeline/recovery.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <thread>

#include "base/clock.h"
#include "base/files.h"
#include "base/log.h"

namespace vivid::daemon {
namespace {

// Through a descriptor, so that the signal cannot reach whoever gets the number next.
void kill_exactly(const ProcessFacts& process) {
  const UniqueFd handle(static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0)));
  if (!handle || process_start_ticks(process.pid) != process.start_ticks) return;
  ::syscall(SYS_pidfd_send_signal, handle.get(), SIGKILL, nullptr, 0);
}

}  // namespace

std::string owner_mark(const std::filesystem::path& state_directory) {
  return "VIVIDD_STATE_DIRECTORY=" + state_directory.string();
}

std::string job_mark(const std::string& uid) { return "VIVIDD_JOB=" + uid; }

std::vector<ProcessFacts> remains_of(const queue::Survivor& survivor, const std::string& mark) {
  const queue::Holder& holder = survivor.holder;
  const std::uint64_t leader_ticks = holder.pid > 1 ? process_start_ticks(holder.pid) : 0;
  // Ticks count from the start of the machine: after another start a stranger may have the same two numbers.
  const bool leader_is_ours = leader_ticks != 0 && leader_ticks == holder.start_ticks && started_with(holder.pid, mark);
  std::vector<ProcessFacts> remains;
  for (const ProcessFacts& process : all_processes()) {
    if (process.ended()) continue;
    bool ours = false;
    if (holder.pid > 1) {
      const bool of_group = process.group == holder.pid || process.session == holder.pid;
      ours = of_group && (leader_is_ours || started_with(process.pid, mark));
    } else {
      ours = started_with(process.pid, mark) && started_with(process.pid, job_mark(survivor.uid));
    }
    if (ours) remains.push_back(process);
  }
  return remains;
}

Status end_survivor(const queue::Survivor& survivor, const std::string& mark, std::chrono::milliseconds limit) {
  constexpr std::chrono::milliseconds kPoll{20};
  const auto end = system_clock().steady_now() + limit;
  for (bool told = false;; told = true) {
    const auto remains = remains_of(survivor, mark);
    if (remains.empty()) return {};
    if (!told) {
      log::warning("ending what an earlier vividd left running", {{"correlation_id", survivor.correlation_id},
                                                                  {"job", survivor.uid},
                                                                  {"stage", survivor.stage},
                                                                  {"attempt", survivor.key.attempt},
                                                                  {"worker", survivor.holder.pid},
                                                                  {"processes", remains.size()}});
    }
    // Each time anew: they may have had children in between.
    for (const ProcessFacts& process : remains) kill_exactly(process);
    if (system_clock().steady_now() >= end) {
      return fail(ErrorCode::unavailable, "process " + std::to_string(remains.front().pid) + " (state " +
                                              remains.front().state + ") of an earlier vividd does not end");
    }
    std::this_thread::sleep_for(kPoll);
  }
}

}  // namespace vivid::daemon
