#include <algorithm>
#include <nlohmann/json.hpp>

#include "daemon/vividctl/commands.h"
#include "daemon/vividctl/facts.h"
#include "daemon/vividctl/format.h"
#include "daemon/vividctl/table.h"
#include "daemon/vividctl/text.h"

namespace vivid::ctl {
namespace {

std::string error_text(const Json& error) {
  if (!error.is_object()) return {};
  const std::string stage = text_at(error, "stage");
  return text_at(error, "code") + ": " + text_at(error, "message") + (stage.empty() ? "" : " (" + stage + ")");
}

std::string render_summary(const Json& summary, Context& context, const std::string& held) {
  const Terminal& terminal = context.terminal();
  const WallTime now = context.clock().now();
  const std::string state = text_at(summary, "state");
  const std::string finished = text_at(summary, "finished_at");
  Facts facts(terminal);
  facts.add("state",
            state + (flag_at(summary, "cancel_requested") && !is_final_state(state) ? ", being cancelled" : ""),
            tone_of_state(state));
  if (!is_final_state(state)) facts.add("held up", held, Tone::warning);
  facts.add("class", text_at(summary, "class") + ", priority " + std::to_string(integer_at(summary, "priority")));
  facts.add("correlation", text_at(summary, "correlation_id"));
  facts.add("created", absolute_time(text_at(summary, "created_at"), now));
  facts.add("started", absolute_time(text_at(summary, "started_at"), now));
  facts.add("finished", absolute_time(finished, now));
  if (!is_final_state(state)) facts.add("next try", absolute_time(text_at(summary, "run_at"), now));
  if (!finished.empty()) facts.add("took", elapsed(text_at(summary, "created_at"), finished, now));
  facts.add("error", error_text(member(summary, "error")), Tone::bad);
  return terminal.paint("Job " + printable(text_at(summary, "job")), Tone::strong) + "\n" + facts.text();
}

std::string render_stages(const Json& stages, Context& context) {
  const Terminal& terminal = context.terminal();
  Table table({{"STAGE"}, {"STATE"}, {"TRIES", true}, {"TOOK", true}, {"NOTE", false, true}});
  for_each(stages, [&](const Json& stage) {
    const std::string state = text_at(stage, "state");
    const std::string run_at = text_at(stage, "run_at");
    const std::int64_t crashes = integer_at(stage, "crashes");
    std::string note = error_text(member(stage, "error"));
    if (note.empty() && crashes > 0) note = count_text(crashes) + (crashes == 1 ? " crash" : " crashes");
    if (!run_at.empty() && state == "ready") note = "again " + relative_time(run_at, context.clock().now());
    const std::string took =
        elapsed(text_at(stage, "started_at"), text_at(stage, "finished_at"), context.clock().now());
    const std::int64_t attempts = integer_at(stage, "attempts");
    const Tone tone = tone_of_state(state);
    table.add_row({{std::string(mark_of_state(state, terminal.unicode)) + " " + text_at(stage, "name"), tone},
                   {state, tone},
                   {attempts > 0 ? std::to_string(attempts) : ""},
                   {took == "-" ? "" : took},
                   {note, Tone::quiet}});
  });
  return table.empty() ? "" : "\n" + table.render(terminal);
}

std::string render_attempts(const Json& attempts, Context& context) {
  Table table({{"ATTEMPT"}, {"STARTED"}, {"TOOK", true}, {"OUTCOME"}, {"WHY", false, true}});
  bool interesting = false;
  for_each(attempts, [&](const Json& attempt) {
    const std::string outcome = text_at(attempt, "outcome");
    interesting = interesting || (!outcome.empty() && outcome != "completed");
    const std::string started = text_at(attempt, "started_at");
    table.add_row(
        {{text_at(attempt, "stage") + " #" + std::to_string(integer_at(attempt, "attempt"))},
         {relative_time(started, context.clock().now())},
         {elapsed(started, text_at(attempt, "finished_at"), context.clock().now())},
         {outcome.empty() ? "running" : outcome, outcome == "completed" || outcome.empty() ? Tone::plain : Tone::bad},
         {text_at(attempt, "message"), Tone::quiet}});
  });
  // When every stage succeeded at its first try the stages above say it all.
  return interesting ? "\n" + table.render(context.terminal()) : "";
}

std::string render_files(const Json& files, Context& context) {
  Table table({{"FILE"}, {"SIZE", true}, {"WHERE", false, true}});
  for_each(files, [&](const Json& file) {
    table.add_row({{text_at(file, "name")}, {size_text(integer_at(file, "size_bytes", -1))}, {text_at(file, "uri")}});
  });
  return table.empty() ? "" : "\n" + table.render(context.terminal());
}

std::string render_warnings(const Json& warnings, Context& context) {
  std::string text;
  const Terminal& terminal = context.terminal();
  for_each(warnings, [&](const Json& warning) {
    const std::string said = printable(warning.is_string() ? warning.get<std::string>() : to_line(warning));
    const std::size_t room = terminal.columns > 24 ? terminal.columns - 2 : said.size() + 1;
    text += terminal.paint(terminal.unicode ? "▲" : "!", Tone::warning) + " " + wrapped(said, room, "  ") + "\n";
  });
  return text.empty() ? "" : "\n" + text;
}

}  // namespace

std::string render_job(const Json& shown, Context& context, const std::string& held) {
  return render_summary(member(shown, "job"), context, held) + render_stages(member(shown, "stages"), context) +
         render_attempts(member(shown, "attempts"), context) + render_files(member(shown, "files"), context) +
         render_warnings(member(shown, "warnings"), context);
}

std::string render_jobs(const Json& jobs, Context& context) {
  const Terminal& terminal = context.terminal();
  const WallTime now = context.clock().now();
  Table table({{"JOB"},
               {"STATE"},
               {"CLASS"},
               {"PRI", true},
               {"DONE", true},
               {"CREATED", true},
               {"TOOK", true},
               {"STAGE OR ERROR", false, true}});
  std::vector<std::string> ids;
  for_each(jobs, [&](const Json& job) { ids.push_back(text_at(job, "job")); });
  const std::size_t id_length = distinct_length(std::move(ids));
  for_each(jobs, [&](const Json& job) {
    const std::string state = text_at(job, "state");
    const std::string run_at = text_at(job, "run_at");
    const Json& error = member(job, "error");
    std::string note = error.is_object() ? error_text(error) : text_at(job, "stage");
    if (!is_final_state(state) && !run_at.empty()) note += ", next try " + relative_time(run_at, now);
    if (flag_at(job, "cancel_requested") && !is_final_state(state)) note += ", being cancelled";
    const std::optional<double> progress = number_at(job, "progress");
    const bool shows_progress = progress && state == "running";
    const std::string percent =
        shows_progress ? std::to_string(static_cast<int>(std::clamp(*progress, 0.0, 100.0))) + "%" : "";
    const std::string took = elapsed(text_at(job, "started_at"), text_at(job, "finished_at"), now);
    table.add_row({{short_id(text_at(job, "job"), id_length)},
                   {std::string(mark_of_state(state, terminal.unicode)) + " " + state, tone_of_state(state)},
                   {text_at(job, "class")},
                   {std::to_string(integer_at(job, "priority"))},
                   {percent},
                   {relative_time(text_at(job, "created_at"), now)},
                   {took == "-" ? "" : took},
                   {note, Tone::quiet}});
  });
  return table.empty() ? "" : table.render(terminal);
}

}  // namespace vivid::ctl
