#include "sync/central/link/schedule.h"

#include <algorithm>

#include "base/check.h"

namespace vivid::sync {

using std::chrono::milliseconds;

namespace {

constexpr std::chrono::minutes kTellAgain{10};

}  // namespace

const char* to_text(Task task) {
  switch (task) {
    case Task::renew:
      return "renew";
    case Task::hint:
      return "hint";
    case Task::watch_cancelled:
      return "watch_cancelled";
    case Task::deliver:
      return "deliver";
    case Task::publish_progress:
      return "publish_progress";
    case Task::claim:
      return "claim";
  }
  return "renew";
}

milliseconds Schedule::between(milliseconds low, milliseconds high) {
  const auto span = std::max<milliseconds>(high - low, milliseconds(0));
  return low + milliseconds(random_->up_to(static_cast<std::uint64_t>(span.count())));
}

void Schedule::connected(SteadyTime now) {
  entries_ = {};
  caught_up_ = false;
  perhaps_pending_ = true;
  looked_for_lapsed_.reset();
  for (const Task task : {Task::renew, Task::deliver, Task::claim}) at(task).due = now;
  if (options_.cancel_interval.count() > 0) at(Task::watch_cancelled).due = now;
  if (options_.progress_interval.count() > 0) at(Task::publish_progress).due = now;
}

std::optional<SteadyTime> Schedule::due(Task task) const {
  if (task == Task::claim && !caught_up_) return std::nullopt;
  return at(task).due;
}

std::optional<Task> Schedule::next(SteadyTime now) const {
  if (const auto renewal = due(Task::renew); renewal && *renewal <= now) return Task::renew;
  std::optional<Task> chosen;
  for (std::size_t i = 0; i < kTasks; ++i) {
    const Task task = static_cast<Task>(i);
    const auto time = due(task);
    if (time && *time <= now && (!chosen || *time < *due(*chosen))) chosen = task;
  }
  return chosen;
}

SteadyTime Schedule::wake_at() const {
  std::optional<SteadyTime> first;
  for (std::size_t i = 0; i < kTasks; ++i) {
    const auto time = due(static_cast<Task>(i));
    if (time && (!first || *time < *first)) first = time;
  }
  VIVID_CHECK(first.has_value());
  return *first;
}

void Schedule::done(Task task, SteadyTime now, bool more) {
  Entry& entry = at(task);
  entry.failures = 0;
  switch (task) {
    case Task::renew:
      renewed_ = now;
      entry.due = now + options_.renew_interval;
      break;
    case Task::hint:
      entry.due.reset();
      break;
    case Task::watch_cancelled:
      entry.due = now + options_.cancel_interval;
      break;
    case Task::deliver:
      // Also without a wake(): one may have been missed while the disk refused to answer.
      entry.due = more ? now : now + options_.poll_minimum;
      caught_up_ = caught_up_ || !more;
      break;
    case Task::publish_progress:
      entry.due = now + options_.progress_interval;
      break;
    case Task::claim:
      entry.due = now + between(options_.poll_minimum, options_.poll_maximum);
      break;
  }
}

void Schedule::claimed(SteadyTime now, int asked, int got) {
  done(Task::claim, now);
  perhaps_pending_ = asked == 0 || got >= asked;
  if (asked > 0 && got >= asked) at(Task::claim).due = now;
}

int Schedule::failed(Task task, SteadyTime now) {
  Entry& entry = at(task);
  ++entry.failures;
  BackoffOptions retry = options_.retry;
  // A lease does not wait.
  if (task == Task::renew) retry.maximum = std::min(retry.maximum, options_.renew_interval / 4);
  entry.due = now + full_jitter(retry, entry.failures, *random_);
  return entry.failures;
}

bool Schedule::is_worth_telling(Task task, SteadyTime now) {
  Entry& entry = at(task);
  if (entry.told && now - *entry.told < kTellAgain) return false;
  entry.told = now;
  return true;
}

bool Schedule::any_fails() const {
  return std::any_of(entries_.begin(), entries_.end(), [](const Entry& entry) { return entry.failures > 0; });
}

void Schedule::no_later(Task task, SteadyTime time) {
  Entry& entry = at(task);
  if (entry.failures > 0) return;
  if (!entry.due || *entry.due > time) entry.due = time;
}

void Schedule::woken(SteadyTime now) {
  no_later(Task::deliver, now);
  if (perhaps_pending_) no_later(Task::claim, now);
}

void Schedule::hinted(SteadyTime now) {
  perhaps_pending_ = true;
  if (at(Task::hint).due) return;
  const SteadyTime time = now + between(milliseconds(0), options_.hint_spread);
  at(Task::hint).due = time;
  no_later(Task::claim, time);
}

std::optional<milliseconds> Schedule::overslept(SteadyTime now) const {
  if (!renewed_ || now - *renewed_ <= options_.lease) return std::nullopt;
  return std::chrono::duration_cast<milliseconds>(now - *renewed_);
}

bool Schedule::looks_for_lapsed(SteadyTime now) {
  if (looked_for_lapsed_ && now - *looked_for_lapsed_ < options_.poll_minimum) return false;
  looked_for_lapsed_ = now;
  return true;
}

void Schedule::found_lapsed(SteadyTime now) {
  looked_for_lapsed_.reset();
  no_later(Task::claim, now);
}

}  // namespace vivid::sync
