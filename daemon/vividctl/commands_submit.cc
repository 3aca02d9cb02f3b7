#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/units.h"
#include "daemon/vividctl/commands.h"
#include "daemon/vividctl/format.h"
#include "daemon/vividctl/interrupt.h"
#include "daemon/vividctl/submission.h"
#include "daemon/vividctl/text.h"
#include "daemon/vividctl/watcher.h"

namespace vivid::ctl {
namespace {

constexpr std::uint64_t kMaxInputBytes = 64ULL * 1024 * 1024;
// How long a submission is repeated while the daemon restarts; its request id makes the repetition harmless.
constexpr std::chrono::milliseconds kRestartLimit{15'000};

struct SubmitOptions {
  std::string file;
  SubmissionOptions content;
  WaitOptions waiting;
};

Outcome<std::string> read_standard_input() {
  std::string text;
  std::array<char, 65'536> chunk;
  for (;;) {
    const ssize_t count = ::read(STDIN_FILENO, chunk.data(), chunk.size());
    if (count == 0) return text;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      return failure(ExitCode::invalid_input, ErrorCode::io_error,
                     std::string("cannot read standard input: ") + std::strerror(errno));
    }
    text.append(chunk.data(), static_cast<std::size_t>(count));
    if (text.size() > kMaxInputBytes) {
      return failure(ExitCode::invalid_input, ErrorCode::too_large,
                     "standard input has more than " + format_size(kMaxInputBytes));
    }
  }
}

// The first submission finds out at once that no daemon is there; later ones sit out a restart.
Outcome<Json> submit_one(Context& context, const Submission& submission) {
  if (!submission.problem.empty()) {
    return failure(ExitCode::invalid_input, ErrorCode::invalid_input, submission.problem);
  }
  VIVID_TRY(context.connection());
  const std::optional<Json> params = parse_json(submission.params);
  return call_through_restart(context, "job.submit", *params, context.globals().timeout, kRestartLimit);
}

std::string joined_modalities(const Json& answer) {
  std::string text;
  for_each(member(answer, "modalities"), [&](const Json& modality) {
    if (modality.is_string()) text += (text.empty() ? "" : ", ") + modality.get<std::string>();
  });
  return text;
}

void show_answer(Context& context, const Submission& submission, const Json& answer) {
  if (context.globals().json) {
    context.print(answer);
    return;
  }
  const Terminal& terminal = context.terminal();
  const std::string state = text_at(answer, "state");
  std::string line = terminal.paint(mark_of_state(state, terminal.unicode), tone_of_state(state)) + " ";
  if (submission.line > 0) line += "line " + std::to_string(submission.line) + "  ";
  line += printable(text_at(answer, "job")) + "  " + terminal.paint(printable(state), tone_of_state(state));
  std::string remark = joined_modalities(answer);
  if (!flag_at(answer, "created", true)) remark += (remark.empty() ? "" : ", ") + std::string("was here already");
  if (!remark.empty()) line += "  " + terminal.paint(printable(remark), Tone::quiet);
  context.out().line(line);
}

// Where the result is, the file that people open first; a job without files has none.
std::string main_uri(const Json& files) {
  std::string first;
  for (const char* wanted : {"video.mp4", "narration.m4a", "text.md"}) {
    std::string uri;
    for_each(files, [&](const Json& file) {
      if (first.empty()) first = text_at(file, "uri");
      if (text_at(file, "name") == wanted) uri = text_at(file, "uri");
    });
    if (!uri.empty()) return uri;
  }
  return first;
}

// Where the results of completed jobs are, and what is to be known about them.
void show_result(Context& context, const std::string& job) {
  const Outcome<Json> shown = context.call("job.show", {{"job", job}});
  if (!shown || text_at(member(*shown, "job"), "state") != "completed") return;
  const Terminal& terminal = context.terminal();
  const std::string uri = main_uri(member(*shown, "files"));
  if (!uri.empty()) context.out().line("  " + printable(uri));
  for_each(member(*shown, "warnings"), [&](const Json& warning) {
    if (!warning.is_string()) return;
    context.out().line("  " + terminal.paint(terminal.unicode ? "▲" : "!", Tone::warning) + " " +
                       printable(warning.get<std::string>()));
  });
}

Outcome<ExitCode> wait_for_all(Context& context, const std::vector<std::string>& jobs, const WaitOptions& options) {
  VIVID_ASSIGN(const auto limit, optional_duration(options.limit));
  const InterruptNotice notice(context, jobs);
  if (!context.globals().json) {
    std::unique_ptr<ProgressView> view = make_progress_view(context);
    WatchOptions watch;
    watch.jobs = jobs;
    watch.timeout = limit;
    Outcome<ExitCode> ended = Watcher(context, *view, std::move(watch)).run();
    view.reset();
    if (ended) {
      for (const std::string& job : jobs) show_result(context, job);
    }
    return ended;
  }
  ExitCode worst = ExitCode::ok;
  for (const std::string& job : jobs) {
    VIVID_ASSIGN(const Json summary, wait_for_job(context, job, limit));
    context.print(summary);
    worst = worse_exit(worst, exit_code_of_state(text_at(summary, "state")));
  }
  return worst;
}

Outcome<ExitCode> submit(Context& context, const SubmitOptions& options) {
  VIVID_ASSIGN(const std::string text, read_input(options.file));
  VIVID_ASSIGN(const std::vector<Submission> submissions, read_submissions(text, options.content));
  return submit_all(context, submissions, options.waiting);
}

}  // namespace

Outcome<std::string> read_input(const std::string& file) {
  if (file == "-") return read_standard_input();
  Result<std::string> text = read_file(file, kMaxInputBytes);
  if (!text) return failure(ExitCode::invalid_input, text.error().code, text.error().message);
  return std::move(*text);
}

Outcome<ExitCode> submit_all(Context& context, const std::vector<Submission>& submissions, const WaitOptions& options) {
  std::vector<std::string> waiting;
  ExitCode worst = ExitCode::ok;
  for (const Submission& submission : submissions) {
    const Outcome<Json> answer = submit_one(context, submission);
    if (!answer) {
      // One bad line is reported and the others go on; without a daemon there is no going on.
      const ExitCode exit = answer.error().exit;
      if (submissions.size() == 1 || exit == ExitCode::no_daemon) return tl::make_unexpected(answer.error());
      Failure named = answer.error();
      if (submission.problem.empty()) named.message = "line " + std::to_string(submission.line) + ": " + named.message;
      context.report(named);
      worst = worse_exit(worst, exit);
      if (exit == ExitCode::timed_out) context.disconnect();
      continue;
    }
    show_answer(context, submission, *answer);
    if (!context.out().flush()) return worst;
    const std::string state = text_at(*answer, "state");
    if (is_final_state(state)) {
      if (!context.globals().json) show_result(context, text_at(*answer, "job"));
      if (options.wait) worst = worse_exit(worst, exit_code_of_state(state));
    } else if (options.wait) {
      waiting.push_back(text_at(*answer, "job"));
    }
  }
  if (waiting.empty()) return worst;
  VIVID_ASSIGN(const ExitCode waited, wait_for_all(context, waiting, options));
  return worse_exit(worst, waited);
}

void add_submit_command(CommandLine& line) {
  auto options = std::make_shared<SubmitOptions>();
  CLI::App* command =
      add_command(line.app, "submit", "Hand in a request, script or storyboard", "Jobs",
                  {"vividctl submit lesson.json --wait", "vividctl submit lesson.json --modalities text",
                   "cat requests.jsonl | vividctl submit - --priority 8 --json"});
  command->add_option("FILE", options->file, "File to submit; - reads standard input")->required()->type_name("FILE");
  command->add_option("--modalities", options->content.modalities, "What to make: text, audio, video, images")
      ->delimiter(',')
      ->type_name("LIST")
      ->check(CLI::IsMember({"text", "audio", "video", "images", "image"}));
  command->add_option("--priority", options->content.priority, "0 (last) to 9 (first)")
      ->type_name("N")
      ->check(CLI::Range(0, 9));
  command->add_option("--request-id", options->content.request_id, "Id of the request; the same twice is one job")
      ->type_name("UUID");
  command->add_option("--student", options->content.student_id, "Student the lesson is for")->type_name("ID");
  command->add_flag("--wait", options->waiting.wait, "Show progress until the job is final; exit 5 if it failed");
  command->add_option("--timeout", options->waiting.limit, "With --wait: give up after this long")
      ->type_name("DURATION")
      ->check(duration_option());
  command->parse_complete_callback(
      [&line, options] { line.chosen = [options](Context& context) { return submit(context, *options); }; });
}

}  // namespace vivid::ctl
