#include "daemon/vividctl/profile.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "daemon/vividctl/format.h"
#include "daemon/vividctl/text.h"

namespace vivid::ctl {
namespace {

constexpr int kMaxStepDepth = 8;
constexpr std::size_t kWidestBar = 40;
constexpr std::size_t kNarrowestBar = 10;

double seconds_at(const Json& object, const char* key) {
  // Beyond a year no stage runs, and microseconds stay exact.
  constexpr double kYear = 366.0 * 86'400.0;
  return std::clamp(number_at(object, key).value_or(0.0), 0.0, kYear);
}

std::vector<ProfileStep> parse_steps(const Json& steps, double origin, int depth) {
  std::vector<ProfileStep> parsed;
  if (depth > kMaxStepDepth) return parsed;
  for_each(steps, [&](const Json& step) {
    ProfileStep one;
    one.name = printable(text_at(step, "name"));
    one.start_seconds = origin + seconds_at(step, "start_seconds");
    one.seconds = seconds_at(step, "seconds");
    one.steps = parse_steps(member(step, "steps"), one.start_seconds, depth + 1);
    parsed.push_back(std::move(one));
  });
  return parsed;
}

struct Row {
  std::string label;
  Tone tone = Tone::plain;
  double wait_start = 0.0;  // the wait ends where the work starts
  double start = 0.0;
  double seconds = 0.0;
};

void add_step_rows(const std::vector<ProfileStep>& steps, const std::string& indent, bool unicode,
                   std::vector<Row>& rows) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const bool last = i + 1 == steps.size();
    const std::string branch = unicode ? (last ? "└ " : "├ ") : (last ? "` " : "| ");
    const ProfileStep& step = steps[i];
    rows.push_back({indent + branch + step.name, Tone::quiet, step.start_seconds, step.start_seconds, step.seconds});
    add_step_rows(step.steps, indent + (last ? "  " : unicode ? "│ " : "| "), unicode, rows);
  }
}

std::vector<Row> rows_of(const Profile& profile, bool unicode) {
  std::vector<Row> rows;
  for (const ProfileStage& stage : profile.stages) {
    std::string label = printable(stage.stage);
    if (stage.attempt > 1) label += " #" + std::to_string(stage.attempt);
    const bool went_well = stage.outcome.empty() || stage.outcome == "completed" || stage.outcome == "skipped";
    if (stage.outcome != "completed" && !stage.outcome.empty()) label += ", " + printable(stage.outcome);
    rows.push_back({label, went_well ? Tone::plain : Tone::bad,
                    std::max(0.0, stage.start_seconds - stage.queued_seconds), stage.start_seconds, stage.seconds});
    add_step_rows(stage.steps, "", unicode, rows);
  }
  return rows;
}

// Spaces up to the wait, the wait, the work; at least one cell of work.
std::string timeline_bar(const Row& row, double total, std::size_t columns, const Terminal& terminal) {
  if (total <= 0.0) return {};
  const auto cell = [&](double seconds) {
    const double position = std::clamp(seconds / total, 0.0, 1.0) * static_cast<double>(columns);
    return static_cast<std::size_t>(std::llround(position));
  };
  const std::size_t begin = std::min(cell(row.start), columns - 1);
  const std::size_t wait = std::min(cell(row.wait_start), begin);
  const std::size_t end = std::clamp(cell(row.start + row.seconds), begin + 1, columns);
  std::string waiting;
  for (std::size_t i = wait; i < begin; ++i) waiting += terminal.unicode ? "┄" : ".";
  std::string working;
  for (std::size_t i = begin; i < end; ++i) working += terminal.unicode ? "━" : "=";
  const Tone tone = row.tone == Tone::bad ? Tone::bad : Tone::running;
  return std::string(wait, ' ') + terminal.paint(waiting, Tone::quiet) + terminal.paint(working, tone);
}

std::string percent_of(double part, double total) {
  if (total <= 0.0) return "";
  return std::to_string(std::lround(100.0 * part / total)) + "%";
}

std::string closing_line(const Profile& profile) {
  double working = 0.0;
  double waiting = 0.0;
  for (const ProfileStage& stage : profile.stages) {
    working += stage.seconds;
    waiting += stage.queued_seconds;
  }
  std::string line = seconds_text(working) + " working, " + seconds_text(waiting) + " waiting for a free lane";
  const double rest = profile.total_seconds - working - waiting;
  if (rest >= 0.05) line += ", " + seconds_text(rest) + " between stages";
  return line;
}

}  // namespace

Profile parse_profile(const Json& answer) {
  Profile profile;
  profile.job = printable(text_at(answer, "job"));
  profile.total_seconds = seconds_at(answer, "total_seconds");
  for_each(member(answer, "stages"), [&](const Json& stage) {
    ProfileStage one;
    one.stage = text_at(stage, "stage");
    one.attempt = integer_at(stage, "attempt", 1);
    one.outcome = text_at(stage, "outcome");
    one.queued_seconds = seconds_at(stage, "queued_seconds");
    one.start_seconds = seconds_at(stage, "start_seconds");
    one.seconds = seconds_at(stage, "seconds");
    one.steps = parse_steps(member(stage, "steps"), one.start_seconds, 1);
    profile.total_seconds = std::max(profile.total_seconds, one.start_seconds + one.seconds);
    profile.stages.push_back(std::move(one));
  });
  return profile;
}

std::string render_profile(const Profile& profile, const Terminal& terminal) {
  std::string text =
      terminal.paint("Job " + profile.job, Tone::strong) + "  " + seconds_text(profile.total_seconds) + " in all\n\n";
  if (profile.stages.empty()) return text + "no stage has run yet\n";
  const std::vector<Row> rows = rows_of(profile, terminal.unicode);
  std::size_t label_columns = columns_of("STAGE");
  std::size_t time_columns = columns_of("TIME");
  for (const Row& row : rows) {
    label_columns = std::max(label_columns, columns_of(row.label));
    time_columns = std::max(time_columns, columns_of(seconds_text(row.seconds)));
  }
  constexpr std::size_t kShareColumns = 5;
  const std::size_t columns = terminal.columns == 0 ? 100 : terminal.columns;
  const std::size_t numbers = 2 + time_columns + 2 + kShareColumns;
  constexpr std::size_t kNarrowestLabel = 12;
  const std::size_t label_room = columns > numbers + kNarrowestLabel ? columns - numbers : kNarrowestLabel;
  label_columns = std::min(label_columns, label_room);
  const std::size_t used = label_columns + numbers + 2;
  const std::size_t bar_columns = columns > used ? std::min(kWidestBar, columns - used) : 0;
  const std::string titles = padded("STAGE", label_columns) + "  " + padded("TIME", time_columns, true) + "  " +
                             padded("SHARE", kShareColumns, true);
  text += terminal.paint(titles, Tone::quiet) + "\n";
  for (const Row& row : rows) {
    const std::string label = padded(truncated(row.label, label_columns, terminal.unicode), label_columns);
    const std::string bar =
        bar_columns < kNarrowestBar ? "" : timeline_bar(row, profile.total_seconds, bar_columns, terminal);
    text += terminal.paint(label, row.tone) + "  " + padded(seconds_text(row.seconds), time_columns, true) + "  " +
            padded(percent_of(row.seconds, profile.total_seconds), kShareColumns, true) +
            (bar.empty() ? "" : "  " + bar) + "\n";
  }
  return text + "\n" + terminal.paint(closing_line(profile), Tone::quiet) + "\n";
}

}  // namespace vivid::ctl
