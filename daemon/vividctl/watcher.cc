#include "daemon/vividctl/watcher.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "base/units.h"
#include "daemon/vividctl/format.h"

namespace vivid::ctl {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kTick{1'000};
// How long a silent stream is believed before the jobs are asked for.
constexpr milliseconds kSilence{5'000};
constexpr milliseconds kFirstPause{100};
constexpr milliseconds kLongestPause{2'000};
constexpr milliseconds kWaitSlice{30'000};
constexpr int kListedJobs = 200;

bool is_away(const Failure& failure) { return failure.exit == ExitCode::no_daemon; }

// Away, or about to be: a daemon that stops answers those who wait before it goes.
bool is_going(const Failure& failure) {
  return is_away(failure) || (failure.exit == ExitCode::refused && failure.code == to_text(ErrorCode::unavailable));
}

// Runs `attempt` until its failure is none that `passes` with the daemon's return, or `limit` has gone by since the
// first one.
template <typename Attempt>
auto through_restart(Context& context, milliseconds limit, bool (*passes)(const Failure&), Attempt&& attempt)
    -> decltype(attempt()) {
  auto give_up = steady_clock::time_point::max();
  milliseconds pause = kFirstPause;
  for (bool first = true;; first = false) {
    auto outcome = attempt();
    if (outcome.has_value() || !passes(outcome.error())) return outcome;
    context.disconnect();
    const auto now = steady_clock::now();
    if (first) give_up = now + limit;
    if (now >= give_up) return outcome;
    std::this_thread::sleep_for(std::min<steady_clock::duration>(pause, give_up - now));
    pause = std::min(pause * 2, kLongestPause);
  }
}

}  // namespace

Watcher::Watcher(Context& context, ProgressView& view, WatchOptions options)
    : context_(context), view_(view), options_(std::move(options)) {
  for (const std::string& job : options_.jobs) states_[job] = "";
}

bool Watcher::all_final() const {
  return !options_.jobs.empty() && std::all_of(options_.jobs.begin(), options_.jobs.end(),
                                               [&](const auto& job) { return is_final_state(states_.at(job)); });
}

Outcome<ExitCode> Watcher::run() {
  const auto deadline = options_.timeout ? steady_clock::now() + *options_.timeout : steady_clock::time_point::max();
  VIVID_TRY(context_.connection());
  Outcome<void> heard = subscribe();
  if (heard) tell_what_holds();
  auto asked = steady_clock::now();
  for (;;) {
    if (!heard && is_going(heard.error())) {
      view_.notice("the daemon went away; waiting for it to come back");
      context_.disconnect();
      VIVID_TRY(through_restart(context_, options_.reconnect_limit, is_going, [&] { return subscribe(); }));
      view_.notice("");
      held_.clear();
      tell_what_holds();
    } else if (!heard) {
      return tl::make_unexpected(heard.error());
    }
    if (!view_.refresh()) return ExitCode::ok;
    if (all_final()) break;
    if (steady_clock::now() >= deadline) {
      return failure(ExitCode::timed_out, ErrorCode::overall_deadline,
                     "not final within " + format_duration(*options_.timeout));
    }
    heard = listen_once();
    if (heard && steady_clock::now() - asked >= kSilence) {
      asked = steady_clock::now();
      if (!options_.jobs.empty()) heard = ask_for_jobs();
      if (heard) tell_what_holds();
    }
  }
  ExitCode worst = ExitCode::ok;
  for (const std::string& job : options_.jobs) worst = worse_exit(worst, exit_code_of_state(states_.at(job)));
  return worst;
}

// Subscribes first and asks second, so that nothing falls between the two.
Outcome<void> Watcher::subscribe() {
  Json params = Json::object();
  if (options_.jobs.size() == 1) params["job"] = options_.jobs.front();
  VIVID_TRY(context_.call("watch", params));
  return ask_for_jobs();
}

Outcome<void> Watcher::ask_for_jobs() {
  for (const std::string& job : options_.jobs) {
    if (is_final_state(states_.at(job))) continue;
    VIVID_ASSIGN(const Json shown, context_.call("job.show", {{"job", job}}));
    take_summary(member(shown, "job"), member(shown, "progress"));
  }
  if (options_.jobs.empty()) {
    VIVID_ASSIGN(const Json listed,
                 context_.call("job.list", {{"states", {"queued", "running"}}, {"limit", kListedJobs}}));
    for_each(member(listed, "jobs"), [&](const Json& summary) { take_summary(summary, Json()); });
  }
  return {};
}

void Watcher::take_summary(const Json& summary, const Json& progress) {
  const std::string job = text_at(summary, "job");
  const std::string state = text_at(summary, "state");
  const auto known = states_.find(job);
  if (job.empty() || state.empty() || (known != states_.end() && known->second == state)) return;
  if (!is_final_state(state) && progress.is_object()) {
    if (std::optional<JobProgress> told = parse_progress(progress); told && told->job == job) {
      take_progress(std::move(*told));
      return;
    }
  }
  const Json params{{"job", job},
                    {"state", state},
                    {"stage", text_at(summary, "stage")},
                    {"attempt", integer_at(summary, "attempt")}};
  if (std::optional<JobProgress> told = parse_progress(params)) take_progress(std::move(*told));
}

void Watcher::take_progress(JobProgress progress) {
  const auto known = states_.find(progress.job);
  const bool watched = std::find(options_.jobs.begin(), options_.jobs.end(), progress.job) != options_.jobs.end();
  if (!watched && !options_.jobs.empty()) return;
  // A notification that was under way when the job was asked for is old news.
  if (known != states_.end() && is_final_state(known->second)) return;
  if (is_final_state(progress.state)) {
    if (watched || progress.state == "failed" || progress.state == "quarantined") {
      progress.note = note_about(progress.job);
    }
    if (!watched && known != states_.end()) states_.erase(known);
  }
  if (watched || !is_final_state(progress.state)) states_[progress.job] = progress.state;
  view_.update(progress);
}

std::string Watcher::note_about(const std::string& job) {
  const Outcome<Json> shown = context_.call("job.show", {{"job", job}});
  if (!shown) return {};
  const Json& summary = member(*shown, "job");
  const Json& error = member(summary, "error");
  if (error.is_object()) {
    const std::string stage = text_at(error, "stage");
    return text_at(error, "code") + ": " + text_at(error, "message") + (stage.empty() ? "" : " (" + stage + ")");
  }
  const std::string finished = text_at(summary, "finished_at");
  const std::string took = elapsed(text_at(summary, "created_at"), finished, context_.clock().now());
  return finished.empty() || took == "-" ? "" : "in " + took;
}

void Watcher::tell_what_holds() {
  const bool waits =
      std::any_of(states_.begin(), states_.end(), [](const auto& entry) { return entry.second == "queued"; });
  const std::string held = waits ? context_.held_up() : std::string();
  if (held == held_) return;
  held_ = held;
  view_.notice(held);
}

Outcome<void> Watcher::listen_once() {
  VIVID_ASSIGN(Connection* const connection, context_.connection());
  VIVID_ASSIGN(const std::optional<Json> params, connection->next_notification("progress", kTick));
  if (params) {
    if (std::optional<JobProgress> progress = parse_progress(*params)) take_progress(std::move(*progress));
  }
  return {};
}

Outcome<Json> call_through_restart(Context& context, std::string_view method, const Json& params, milliseconds timeout,
                                   milliseconds limit) {
  return through_restart(context, limit, is_away, [&] { return context.call(method, params, timeout); });
}

Outcome<Json> find_job(Context& context, const std::string& job) {
  VIVID_ASSIGN(const Json shown, context.call("job.show", {{"job", job}}));
  const Json& summary = member(shown, "job");
  if (text_at(summary, "job").empty()) {
    return failure(ExitCode::refused, ErrorCode::data_corrupt, "the daemon's answer about " + job + " names no job");
  }
  return summary;
}

Outcome<Json> wait_for_job(Context& context, const std::string& job, std::optional<milliseconds> limit,
                           milliseconds reconnect_limit) {
  VIVID_TRY(context.connection());
  const auto started = steady_clock::now();
  for (;;) {
    milliseconds slice = kWaitSlice;
    milliseconds patience = reconnect_limit;
    if (limit) {
      const auto left = std::chrono::ceil<milliseconds>(started + *limit - steady_clock::now());
      slice = std::clamp(left, milliseconds(0), kWaitSlice);
      patience = std::clamp(left, milliseconds(0), reconnect_limit);
    }
    const auto asked = steady_clock::now();
    const Json params{{"job", job}, {"timeout_seconds", static_cast<double>(slice.count()) / 1000.0}};
    VIVID_ASSIGN(const Json answer, through_restart(context, patience, is_going, [&] {
                   return context.call("job.wait", params, slice + context.globals().timeout);
                 }));
    if (is_final_state(text_at(answer, "state"))) return answer;
    if (!flag_at(answer, "timed_out")) {
      return failure(ExitCode::refused, ErrorCode::data_corrupt, "the daemon answered before " + job + " was final");
    }
    if (limit && steady_clock::now() - started >= *limit) {
      return failure(ExitCode::timed_out, ErrorCode::overall_deadline,
                     "job " + job + " is not final after " + format_duration(*limit));
    }
    // A daemon that drains may say so long before the time is up.
    if (steady_clock::now() - asked < std::min(slice, kTick)) std::this_thread::sleep_for(std::min(slice, kTick));
  }
}

}  // namespace vivid::ctl
