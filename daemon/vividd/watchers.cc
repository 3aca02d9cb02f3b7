#include "daemon/vividd/watchers.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "daemon/vividd/job_json.h"

namespace vivid::daemon {
namespace {

bool is_over(const std::string& state) {
  return state == "completed" || state == "failed" || state == "quarantined" || state == "cancelled";
}

}  // namespace

void Watchers::watch(std::string job, Subscription subscription, bool told) {
  watches_.push_back({std::move(job), std::move(subscription), told});
}

void Watchers::wait(std::string job, std::chrono::milliseconds timeout, Responder responder, Answer answer) {
  waits_.remove_if([](const auto& wait) { return !wait->responder.waiting(); });
  auto wait = std::make_unique<Wait>(loop_, std::move(job), std::move(responder), std::move(answer));
  Wait* raw = wait.get();
  waits_.push_back(std::move(wait));
  if (timeout.count() <= 0) return;
  raw->timer.once(timeout, [this, raw] {
    const auto found =
        std::find_if(waits_.begin(), waits_.end(), [&](const auto& entry) { return entry.get() == raw; });
    const std::unique_ptr<Wait> late = std::move(*found);
    waits_.erase(found);
    late->answer(std::move(late->responder), true);
  });
}

void Watchers::progress(const JobProgress& progress) {
  watches_.remove_if([](const Watch& watch) { return !watch.subscription.active(); });
  if (!watches_.empty()) {
    const std::string params = to_text(progress_json(progress));
    for (Watch& watch : watches_) {
      if (!watch.job.empty() && watch.job != progress.uid) continue;
      watch.subscription.notify(progress.uid, "progress", params);
      watch.told = is_over(progress.state);
    }
  }
  if (is_over(progress.state)) finished(progress.uid);
}

void Watchers::over(const JobProgress& last) {
  const std::string params = to_text(progress_json(last));
  for (Watch& watch : watches_) {
    if (watch.job != last.uid || std::exchange(watch.told, true)) continue;
    watch.subscription.notify(last.uid, "progress", params);
  }
  finished(last.uid);
}

void Watchers::finished(const std::string& job) {
  std::list<std::unique_ptr<Wait>> over;
  for (auto wait = waits_.begin(); wait != waits_.end();) {
    const auto current = wait++;
    if ((*current)->job == job) over.splice(over.end(), waits_, current);
  }
  for (const auto& wait : over) wait->answer(std::move(wait->responder), false);
}

}  // namespace vivid::daemon
