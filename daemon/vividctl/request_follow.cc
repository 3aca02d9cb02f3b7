#include "daemon/vividctl/request_follow.h"

#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/units.h"
#include "daemon/vividctl/database.h"
#include "daemon/vividctl/format.h"
#include "daemon/vividctl/request_view.h"
#include "daemon/vividctl/text.h"
#include "sync/central/reports/requests.h"

namespace vivid::ctl {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kPoll{500};
constexpr milliseconds kReconnectLimit{60'000};

class Follower {
 public:
  Follower(Context& context, sync::Session session, const FollowOptions& options)
      : context_(context), session_(std::move(session)), options_(options), began_(context.clock().steady_now()) {}

  Outcome<ExitCode> run() {
    for (;;) {
      VIVID_ASSIGN(const std::optional<Json> states, ask());
      if (states) {
        VIVID_TRY(take(*states));
        if (!context_.out().flush() || final_.size() == options_.ids.size()) return worst_;
      }
      if (options_.limit && context_.clock().steady_now() - began_ >= *options_.limit) return too_late();
      std::this_thread::sleep_for(kPoll);
    }
  }

 private:
  // Nothing while the database is away, for a minute at most.
  Outcome<std::optional<Json>> ask() {
    if (away_since_) {
      Outcome<sync::Session> again = open_database(context_, options_.database);
      if (!again) return still_away(again.error());
      session_ = std::move(*again);
    }
    const Outcome<Json> states = database_answer(sync::request_states(session_, to_line(Json(options_.ids))));
    if (!states) return still_away(states.error());
    away_since_.reset();
    return std::optional(*states);
  }

  Outcome<std::optional<Json>> still_away(const Failure& failure) {
    const SteadyTime now = context_.clock().steady_now();
    if (!away_since_) {
      away_since_ = now;
      if (failure.exit == ExitCode::no_daemon) context_.remark("the database is away: " + failure.message);
    }
    if (failure.exit != ExitCode::no_daemon || now - *away_since_ >= kReconnectLimit) {
      return tl::make_unexpected(failure);
    }
    return std::optional<Json>();
  }

  Outcome<void> take(const Json& states) {
    std::map<std::string, const Json*> found;
    for_each(states, [&](const Json& state) { found[text_at(state, "id")] = &state; });
    for (const std::string& id : options_.ids) {
      if (final_.contains(id)) continue;
      const auto state = found.find(id);
      if (state == found.end()) {
        return failure(ExitCode::not_found, ErrorCode::not_found, "request " + id + " is not there any more");
      }
      tell(id, *state->second);
    }
    return {};
  }

  void tell(const std::string& id, const Json& state) {
    const std::string status = text_at(state, "status");
    const bool is_final = is_final_state(status);
    if (is_final) {
      final_[id] = status;
      worst_ = worse_exit(worst_, exit_code_of_state(status));
    }
    if (context_.globals().json) {
      if (is_final) context_.print(state);
      return;
    }
    const std::string stage = text_at(state, "current_stage");
    if (std::string change = status + " " + stage; told_[id] != change) {
      told_[id] = std::move(change);
      context_.out().line(line_of(id, state, is_final));
    }
  }

  std::string line_of(const std::string& id, const Json& state, bool is_final) const {
    const std::string status = text_at(state, "status");
    const Tone tone = tone_of_state(state_of_request(status));
    const auto passed = std::chrono::duration_cast<milliseconds>(context_.clock().steady_now() - began_);
    const Terminal& terminal = context_.terminal();
    std::string line = terminal.paint(padded(format_duration(passed), 6, true), Tone::quiet) + "  " + short_id(id) +
                       "  " + terminal.paint(marked_status(status, terminal), tone);
    std::string note;
    if (!is_final) {
      note = text_at(state, "current_stage");
      if (!note.empty()) note += ", " + std::to_string(integer_at(state, "progress_percentage")) + "%";
    } else if (status == "failed") {
      const std::string stage = text_at(state, "error_stage");
      note = (stage.empty() ? "" : stage + ": ") + text_at(state, "error_message");
    } else {
      note = text_at(state, "video_url");
    }
    return note.empty() ? line : line + "  " + printable(note);
  }

  Outcome<ExitCode> too_late() const {
    const std::size_t open = options_.ids.size() - final_.size();
    return failure(ExitCode::timed_out, ErrorCode::overall_deadline,
                   (open == 1 ? "a request is" : std::to_string(open) + " requests are") +
                       std::string(" not final after ") + format_duration(*options_.limit));
  }

  Context& context_;
  sync::Session session_;
  const FollowOptions& options_;
  SteadyTime began_;
  std::optional<SteadyTime> away_since_;
  std::map<std::string, std::string> told_;   // status and stage, by id
  std::map<std::string, std::string> final_;  // status, by id
  ExitCode worst_ = ExitCode::ok;
};

}  // namespace

Outcome<ExitCode> follow_requests(Context& context, sync::Session session, const FollowOptions& options) {
  return Follower(context, std::move(session), options).run();
}

}  // namespace vivid::ctl
