// What the link does next, and when: nothing but times, so that it can be tested without a server.
//
// Renewing comes before everything else whenever it is due; the rest goes by who has waited longest, so that a long
// backlog of deliveries lets the others through between its batches. After a reconnect nothing is claimed until all
// that waited has been delivered.
//
// Threads: one thread. Errors: none.
#pragma once

#include <array>
#include <chrono>
#include <optional>

#include "base/backoff.h"
#include "base/clock.h"

namespace vivid::sync {

// hint: tell others that requests were inserted. In the order that decides between tasks due at the same instant.
enum class Task { renew, hint, watch_cancelled, deliver, publish_progress, claim };
inline constexpr std::size_t kTasks = 6;
const char* to_text(Task task);

// An interval of 0 for progress or cancellation: never.
struct ScheduleOptions {
  std::chrono::milliseconds lease{60'000};
  std::chrono::milliseconds renew_interval{20'000};
  std::chrono::milliseconds poll_minimum{5'000};
  std::chrono::milliseconds poll_maximum{15'000};
  std::chrono::milliseconds progress_interval{1'000};
  std::chrono::milliseconds cancel_interval{1'000};
  // Hosts that hear the same notification act on it spread over this long.
  std::chrono::milliseconds hint_spread{50};
  BackoffOptions retry{std::chrono::milliseconds(200), std::chrono::milliseconds(30'000), 2.0};
};

class Schedule {
 public:
  Schedule(const ScheduleOptions& options, Random& random) : options_(options), random_(&random) {}

  // Renew, deliver and claim at once, in this order; the others soon.
  void connected(SteadyTime now);

  // What to do at `now`; none: nothing until wake_at().
  std::optional<Task> next(SteadyTime now) const;
  // Never before connected() has been called.
  SteadyTime wake_at() const;

  // `more`: there is more of the same to do, so it is due again at once.
  void done(Task task, SteadyTime now, bool more = false);
  // Requests asked for and got. Fewer than asked for: no more are pending. None asked for: nobody knows.
  void claimed(SteadyTime now, int asked, int got);
  // Again after a backoff of its own; 1 for the first failure in a row.
  int failed(Task task, SteadyTime now);
  int failures(Task task) const { return at(task).failures; }
  bool any_fails() const;
  // Whether a failure is to be logged: on this connection the first, and again now and then. One that succeeds in
  // between, such as progress of which there is none, changes nothing.
  bool is_worth_telling(Task task, SteadyTime now);

  // Something to deliver, or a slot is free: the latter matters only where requests may be pending.
  void woken(SteadyTime now);
  // Requests were inserted somewhere.
  void hinted(SteadyTime now);

  // Since the last renewal, if that is longer than a lease: the process or the machine was asleep, or the server away.
  std::optional<std::chrono::milliseconds> overslept(SteadyTime now) const;
  // Lapsed leases are looked for at the pace of polling, whatever else leads to a claim. True at most that often.
  bool looks_for_lapsed(SteadyTime now);
  // One was found, so there may be more: they are looked for with the next claim, which is due at once.
  void found_lapsed(SteadyTime now);

 private:
  struct Entry {
    std::optional<SteadyTime> due;
    int failures = 0;
    std::optional<SteadyTime> told;  // that it fails
  };
  Entry& at(Task task) { return entries_[static_cast<std::size_t>(task)]; }
  const Entry& at(Task task) const { return entries_[static_cast<std::size_t>(task)]; }
  std::optional<SteadyTime> due(Task task) const;
  std::chrono::milliseconds between(std::chrono::milliseconds low, std::chrono::milliseconds high);
  // Unless it is backing off.
  void no_later(Task task, SteadyTime time);

  ScheduleOptions options_;
  Random* random_;
  std::array<Entry, kTasks> entries_;
  bool caught_up_ = false;
  bool perhaps_pending_ = true;
  std::optional<SteadyTime> renewed_;
  std::optional<SteadyTime> looked_for_lapsed_;
};

}  // namespace vivid::sync
