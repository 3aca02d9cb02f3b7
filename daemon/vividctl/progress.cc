#include "daemon/vividctl/progress.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "daemon/vividctl/format.h"
#include "daemon/vividctl/text.h"

namespace vivid::ctl {
namespace {

constexpr std::size_t kWidestBar = 30;
constexpr std::size_t kNarrowestBar = 8;

std::string percent_text(double fraction) {
  // Rounded down: 100 % is said when it is done.
  return std::to_string(static_cast<int>(std::floor(fraction * 100.0 + 1e-9))) + "%";
}

std::vector<std::string> details_of(const JobProgress& progress) {
  std::vector<std::string> details;
  if (progress.fraction) details.push_back(padded(percent_text(*progress.fraction), 4, true));
  if (progress.remaining_seconds) details.push_back(coarse_seconds(std::ceil(*progress.remaining_seconds)) + " left");
  if (progress.frames_total > 0) {
    details.push_back(count_text(progress.frames_done) + "/" + count_text(progress.frames_total) + " frames");
  }
  if (progress.frames_per_second) {
    details.push_back(count_text(std::llround(std::min(*progress.frames_per_second, 1e9))) + " fps");
  }
  if (!progress.step.empty()) details.push_back(printable(progress.step));
  if (progress.attempt > 1) details.push_back("attempt " + std::to_string(progress.attempt));
  return details;
}

std::string bar_of(double fraction, std::size_t columns, const Terminal& terminal) {
  const double filled = fraction * static_cast<double>(columns);
  const auto whole = std::min(static_cast<std::size_t>(filled), columns);
  const bool half = whole < columns && filled - static_cast<double>(whole) >= 0.5;
  std::string done;
  for (std::size_t i = 0; i < whole; ++i) done += terminal.unicode ? "━" : "=";
  if (half) done += terminal.unicode ? "╸" : "-";
  std::string rest;
  for (std::size_t i = whole + (half ? 1 : 0); i < columns; ++i) rest += terminal.unicode ? "─" : ".";
  return terminal.paint(done, Tone::running) + terminal.paint(rest, Tone::quiet);
}

class JsonView : public ProgressView {
 public:
  explicit JsonView(Context& context) : context_(context) {}
  void update(const JobProgress& progress) override {
    context_.out().line(progress.raw);
    context_.out().flush();
  }
  void notice(std::string_view) override {}
  bool refresh() override { return context_.out().flush(); }

 private:
  Context& context_;
};

// A line when a job enters another state, stage, attempt or tenth of its stage.
class PlainView : public ProgressView {
 public:
  explicit PlainView(Context& context) : context_(context) {}
  void update(const JobProgress& progress) override {
    const int tenth = progress.fraction ? static_cast<int>(*progress.fraction * 10.0) : 0;
    // What waits is told of once, whichever stage it waits for.
    std::string key = progress.state;
    if (progress.state == "running") {
      key += "/" + progress.stage + "/" + std::to_string(progress.attempt) + "/" + std::to_string(tenth);
    }
    const auto known = std::find_if(last_.begin(), last_.end(), [&](const auto& e) { return e.first == progress.job; });
    if (known != last_.end() && known->second == key) return;
    const bool final = is_final_state(progress.state);
    if (known != last_.end() && final) {
      last_.erase(known);
    } else if (known != last_.end()) {
      known->second = std::move(key);
    } else if (!final) {
      last_.emplace_back(progress.job, std::move(key));
    }
    context_.out().line(to_iso8601(context_.clock().now()).substr(11, 8) + "  " + plain_line(progress));
    context_.out().flush();
  }
  void notice(std::string_view text) override { context_.remark(text); }
  bool refresh() override { return context_.out().flush(); }

 private:
  Context& context_;
  std::vector<std::pair<std::string, std::string>> last_;  // of the jobs that are not final
};

// A block of bars at the bottom that is drawn over itself; what is final scrolls away above it.
class LiveView : public ProgressView {
 public:
  explicit LiveView(Context& context) : context_(context) {}
  ~LiveView() override {
    notice_.clear();
    draw("");
  }

  void update(const JobProgress& progress) override {
    const auto known = std::find_if(jobs_.begin(), jobs_.end(), [&](const auto& j) { return j.job == progress.job; });
    if (is_final_state(progress.state)) {
      if (known != jobs_.end()) jobs_.erase(known);
      draw(bar_line(progress, context_.terminal()) + "\n");
      return;
    }
    if (known != jobs_.end()) {
      *known = progress;
    } else {
      jobs_.push_back(progress);
    }
    draw("");
  }
  void notice(std::string_view text) override {
    notice_ = std::string(text);
    draw("");
  }
  bool refresh() override {
    context_.inspect_terminal_again();
    return draw("");
  }

 private:
  bool draw(const std::string& above) {
    const Terminal& terminal = context_.terminal();
    std::vector<std::string> lines;
    const std::size_t room = terminal.rows > 4 ? terminal.rows - 3 : 1;
    const auto add_jobs = [&](bool running) {
      for (const JobProgress& job : jobs_) {
        if ((job.state == "running") == running && lines.size() < room) lines.push_back(bar_line(job, terminal));
      }
    };
    add_jobs(true);
    add_jobs(false);
    if (lines.size() < jobs_.size()) {
      lines.push_back(terminal.paint(
          "  and " + count_text(static_cast<std::int64_t>(jobs_.size() - lines.size())) + " more", Tone::quiet));
    }
    if (!notice_.empty()) lines.push_back(terminal.paint(truncated(notice_, terminal.columns), Tone::warning));
    // One write: the terminal never shows half a picture.
    std::string frame;
    if (drawn_lines_ > 0) frame += "\x1b[" + std::to_string(drawn_lines_) + "A";
    frame += "\r\x1b[J" + above;
    for (const std::string& line : lines) frame += line + "\n";
    drawn_lines_ = lines.size();
    context_.out().write(frame);
    return context_.out().flush();
  }

  Context& context_;
  std::vector<JobProgress> jobs_;
  std::string notice_;
  std::size_t drawn_lines_ = 0;
};

}  // namespace

std::optional<JobProgress> parse_progress(const Json& params) {
  JobProgress progress;
  progress.job = text_at(params, "job");
  if (progress.job.empty()) return std::nullopt;
  progress.state = text_at(params, "state");
  progress.stage = text_at(params, "stage");
  progress.step = text_at(params, "step");
  progress.fraction = number_at(params, "fraction");
  if (progress.fraction) progress.fraction = std::clamp(*progress.fraction, 0.0, 1.0);
  progress.frames_done = integer_at(params, "frames_done");
  progress.frames_total = integer_at(params, "frames_total");
  progress.frames_per_second = number_at(params, "fps");
  if (progress.frames_per_second && *progress.frames_per_second <= 0.0) progress.frames_per_second.reset();
  progress.remaining_seconds = number_at(params, "remaining_seconds");
  if (progress.remaining_seconds && *progress.remaining_seconds < 0.0) progress.remaining_seconds.reset();
  progress.attempt = integer_at(params, "attempt");
  progress.raw = to_line(params);
  return progress;
}

std::string plain_line(const JobProgress& progress) {
  std::string line = short_id(progress.job) + "  " + printable(progress.state);
  if (is_final_state(progress.state)) return progress.note.empty() ? line : line + "  " + printable(progress.note);
  if (!progress.stage.empty()) line += "  " + printable(progress.stage);
  for (const std::string& detail : details_of(progress)) line += "  " + detail.substr(detail.find_first_not_of(' '));
  return line;
}

std::string bar_line(const JobProgress& progress, const Terminal& terminal) {
  const std::string mark(mark_of_state(progress.state, terminal.unicode));
  const Tone tone = tone_of_state(progress.state);
  const std::size_t columns = terminal.columns == 0 ? 120 : terminal.columns - 1;
  std::string line = terminal.paint(mark, tone) + " " + short_id(progress.job) + "  ";
  std::size_t used = 2 + columns_of(short_id(progress.job)) + 2;
  const auto room = [&] { return columns > used ? columns - used : 0; };
  if (progress.state != "running") {
    line += terminal.paint(truncated(printable(progress.state), room(), terminal.unicode), tone);
    used += columns_of(printable(progress.state)) + 2;
    if (progress.note.empty() || room() < kNarrowestBar) return line;
    return line + "  " + truncated(printable(progress.note), room(), terminal.unicode);
  }
  constexpr std::size_t kStageColumns = 18;  // the longest stage name, so that the bars stand in one column
  const std::size_t stage_columns = std::min(kStageColumns, room());
  const std::string stage =
      padded(truncated(printable(progress.stage), stage_columns, terminal.unicode), stage_columns);
  line += stage;
  used += columns_of(stage);
  if (!progress.fraction || room() < kNarrowestBar + 2) return line;
  // The bars of all jobs are equally long; details follow in the order of their use while there is room.
  const std::size_t bar_columns = std::min(std::clamp(columns / 5, kNarrowestBar, kWidestBar), room() - 2);
  line += "  " + bar_of(*progress.fraction, bar_columns, terminal);
  used += 2 + bar_columns;
  for (const std::string& detail : details_of(progress)) {
    if (columns_of(detail) + 2 > room()) break;
    line += "  " + detail;
    used += columns_of(detail) + 2;
  }
  return line;
}

std::unique_ptr<ProgressView> make_progress_view(Context& context) {
  if (context.globals().json) return std::make_unique<JsonView>(context);
  if (context.terminal().interactive) return std::make_unique<LiveView>(context);
  return std::make_unique<PlainView>(context);
}

}  // namespace vivid::ctl
