#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "daemon/vividctl/profile.h"

namespace vivid::ctl {
namespace {

constexpr int kProcess = 1;
constexpr int kQueueThread = 1;
constexpr int kFirstWorkThread = 2;

std::int64_t microseconds(double seconds) { return std::llround(seconds * 1e6); }

struct Interval {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  bool holds(const Interval& inner) const { return begin <= inner.begin && inner.end <= end; }
  bool apart(const Interval& other) const { return end <= other.begin || other.end <= begin; }
};

Interval interval_of(double start_seconds, double seconds) {
  const std::int64_t begin = microseconds(start_seconds);
  return {begin, begin + std::max<std::int64_t>(0, microseconds(seconds))};
}

// Hands out threads such that events of one thread nest or are apart, as the viewers require.
class Threads {
 public:
  int place(const Interval& interval) {
    for (std::size_t i = 0; i < placed_.size(); ++i) {
      const bool fits = std::all_of(placed_[i].begin(), placed_[i].end(), [&](const Interval& other) {
        return other.apart(interval) || other.holds(interval);
      });
      if (!fits) continue;
      placed_[i].push_back(interval);
      return kFirstWorkThread + static_cast<int>(i);
    }
    placed_.push_back({interval});
    return kFirstWorkThread + static_cast<int>(placed_.size()) - 1;
  }
  std::size_t count() const { return placed_.size(); }

 private:
  std::vector<std::vector<Interval>> placed_;
};

Json complete_event(const std::string& name, const char* category, const Interval& interval, int thread) {
  return Json{{"name", name.empty() ? std::string("unnamed") : name},
              {"cat", category},
              {"ph", "X"},
              {"ts", interval.begin},
              {"dur", interval.end - interval.begin},
              {"pid", kProcess},
              {"tid", thread}};
}

Json name_event(const char* what, int thread, const std::string& name) {
  return Json{{"name", what}, {"ph", "M"}, {"pid", kProcess}, {"tid", thread}, {"args", {{"name", name}}}};
}

// A parent is placed before its steps, and of steps that start together the longest first, so that they nest.
void add_steps(std::vector<ProfileStep> steps, Threads& threads, Json& events) {
  std::stable_sort(steps.begin(), steps.end(), [](const ProfileStep& a, const ProfileStep& b) {
    return a.start_seconds != b.start_seconds ? a.start_seconds < b.start_seconds : a.seconds > b.seconds;
  });
  for (const ProfileStep& step : steps) {
    const Interval interval = interval_of(step.start_seconds, step.seconds);
    events.push_back(complete_event(step.name, "step", interval, threads.place(interval)));
    add_steps(step.steps, threads, events);
  }
}

}  // namespace

std::string to_trace_events(const Profile& profile) {
  Json events = Json::array();
  Threads threads;
  events.push_back(name_event("process_name", 0, "job " + profile.job));
  events.push_back(name_event("thread_name", kQueueThread, "waiting"));
  for (const ProfileStage& stage : profile.stages) {
    const double wait_start = std::max(0.0, stage.start_seconds - stage.queued_seconds);
    const Interval wait = interval_of(wait_start, stage.start_seconds - wait_start);
    if (wait.end > wait.begin) {
      events.push_back(complete_event("waiting for " + stage.stage, "wait", wait, kQueueThread));
    }
    const Interval work = interval_of(stage.start_seconds, stage.seconds);
    Json event = complete_event(stage.stage, "stage", work, threads.place(work));
    event["args"] = {{"attempt", stage.attempt}, {"outcome", stage.outcome}};
    events.push_back(std::move(event));
    add_steps(stage.steps, threads, events);
  }
  for (std::size_t i = 0; i < threads.count(); ++i) {
    const std::string name = i == 0 ? "stages" : "side by side " + std::to_string(i);
    events.push_back(name_event("thread_name", kFirstWorkThread + static_cast<int>(i), name));
  }
  return to_line({{"traceEvents", std::move(events)}, {"displayTimeUnit", "ms"}}) + "\n";
}

}  // namespace vivid::ctl
