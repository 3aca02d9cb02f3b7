#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "daemon/vividctl/commands.h"
#include "daemon/vividctl/commands_requests.h"
#include "daemon/vividctl/database.h"
#include "daemon/vividctl/format.h"
#include "daemon/vividctl/request_follow.h"
#include "daemon/vividctl/request_message.h"
#include "daemon/vividctl/request_view.h"
#include "daemon/vividctl/text.h"
#include "sync/central/reports/requests.h"

namespace vivid::ctl {
namespace {

struct RequestArguments {
  RequestOptions content;
  std::string script_file;
  std::string storyboard_file;
  std::string message_file;
  std::string via;
  std::string database;
  bool create_student = false;
  WaitOptions waiting;
};

// Messages from the file, a line each, or the one that the options make.
Outcome<std::vector<Submission>> messages_of(RequestArguments arguments) {
  SubmissionOptions options;
  options.priority = arguments.content.priority;
  if (!arguments.message_file.empty()) {
    VIVID_ASSIGN(const std::string text, read_input(arguments.message_file));
    return read_submissions(text, options);
  }
  if (arguments.content.student_id.empty() || arguments.content.query.empty()) {
    return failure(ExitCode::usage, ErrorCode::invalid_input,
                   "say who asks what: --student ID --query TEXT, or --message FILE");
  }
  if (!arguments.script_file.empty()) {
    VIVID_ASSIGN(arguments.content.script, read_input(arguments.script_file));
  }
  if (!arguments.storyboard_file.empty()) {
    VIVID_ASSIGN(arguments.content.storyboard, read_input(arguments.storyboard_file));
  }
  return read_submissions(message_of(arguments.content), options);
}

std::string why_not(const Json& answer, const RequestRow& row) {
  const std::string outcome = text_at(answer, "outcome");
  if (outcome == "unknown_student") {
    return "student_id is \"" + row.student_id + "\", and users has no such user (--create-student makes one)";
  }
  if (outcome == "unknown_organization") return "organization_id names no organization of the database";
  if (outcome == "correlation_taken") {
    return "correlation_id is that of request " + text_at(answer, "other") + " already; it must be unique";
  }
  return "the database answered '" + outcome + "'";
}

Outcome<Json> insert(sync::Session& session, const Submission& submission, const RequestArguments& arguments,
                     RequestRow& row) {
  if (!submission.problem.empty()) {
    return failure(ExitCode::invalid_input, ErrorCode::invalid_input, submission.problem);
  }
  const std::optional<Json> params = parse_json(submission.params);
  Result<RequestRow> made =
      row_of(to_line(member(*params, "request")), arguments.content.environment, arguments.content.priority);
  if (!made) return database_failure(made.error(), ExitCode::invalid_input);
  row = std::move(*made);
  if (arguments.create_student) {
    if (row.environment != "dev") {
      return failure(ExitCode::usage, ErrorCode::invalid_input,
                     "--create-student is for environment dev, and the request is for " + row.environment);
    }
    const Result<bool> student = sync::create_student(session, row.student_id);
    if (!student) return database_failure(student.error(), ExitCode::invalid_input);
  }
  VIVID_ASSIGN(Json answer, database_answer(sync::insert_request(session, row.json), ExitCode::invalid_input));
  const std::string outcome = text_at(answer, "outcome");
  if (outcome == "created" || outcome == "exists") return answer;
  return failure(ExitCode::invalid_input, ErrorCode::invalid_input, why_not(answer, row));
}

void show_inserted(Context& context, int line, const RequestRow& row, const Json& answer) {
  const std::string status = text_at(answer, "status");
  const bool created = text_at(answer, "outcome") == "created";
  if (context.globals().json) {
    context.print({{"request", row.id}, {"created", created}, {"status", status}, {"modalities", row.modalities}});
    return;
  }
  const Terminal& terminal = context.terminal();
  const std::string_view state = state_of_request(status);
  std::string text = terminal.paint(mark_of_state(state, terminal.unicode), tone_of_state(state)) + " ";
  if (line > 0) text += "line " + std::to_string(line) + "  ";
  text += row.id + "  " + terminal.paint(printable(status), tone_of_state(state)) + "  ";
  text += terminal.paint(modalities_text(Json(row.modalities)) + (created ? "" : ", was here already"), Tone::quiet);
  context.out().line(text);
  for (const std::string& warning : row.warnings) {
    context.out().line("  " + terminal.paint(terminal.unicode ? "▲" : "!", Tone::warning) + " " + printable(warning));
  }
}

Outcome<ExitCode> insert_all(Context& context, const RequestArguments& arguments,
                             const std::vector<Submission>& messages) {
  VIVID_ASSIGN(sync::Session session, open_database(context, arguments.database));
  FollowOptions follow;
  follow.database = arguments.database;
  VIVID_ASSIGN(follow.limit, optional_duration(arguments.waiting.limit));
  ExitCode worst = ExitCode::ok;
  for (const Submission& message : messages) {
    RequestRow row;
    const Outcome<Json> answer = insert(session, message, arguments, row);
    if (!answer) {
      // One bad line is reported and the others go on.
      Failure named = answer.error();
      if (messages.size() == 1 || named.exit == ExitCode::no_daemon) return tl::make_unexpected(named);
      if (message.problem.empty()) named.message = "line " + std::to_string(message.line) + ": " + named.message;
      context.report(named);
      worst = worse_exit(worst, named.exit);
      continue;
    }
    show_inserted(context, message.line, row, *answer);
    follow.ids.push_back(row.id);
  }
  if (!context.out().flush() || !arguments.waiting.wait || follow.ids.empty()) return worst;
  VIVID_ASSIGN(const ExitCode waited, follow_requests(context, std::move(session), follow));
  return worse_exit(worst, waited);
}

Outcome<ExitCode> request(Context& context, const RequestArguments& arguments) {
  VIVID_ASSIGN(const std::vector<Submission> messages, messages_of(arguments));
  const bool has_database = !database_url(context, arguments.database).empty();
  const std::string via = !arguments.via.empty() ? arguments.via : has_database ? "database" : "socket";
  if (via == "database") return insert_all(context, arguments, messages);
  if (arguments.create_student) {
    return failure(ExitCode::usage, ErrorCode::invalid_input, "--create-student needs the database: --via database");
  }
  return submit_all(context, messages, arguments.waiting);
}

void add_content_options(CLI::App* command, RequestOptions& content) {
  command->add_option("--student", content.student_id, "Who asks: an id of users")->type_name("ID");
  command->add_option("--query", content.query, "What is asked")->type_name("TEXT");
  command->add_option("--grade", content.grade, "9 to 12 (default 10)")->type_name("N")->check(CLI::Range(9, 12));
  command->add_option("--interest", content.interest, "What examples are taken from")->type_name("TEXT");
  command->add_option("--modality", content.modalities, "What to make: text, audio, video, images (default video)")
      ->delimiter(',')
      ->type_name("LIST")
      ->check(CLI::IsMember({"text", "audio", "video", "images", "image"}));
  command->add_option("--preferred", content.preferred, "Which of them counts most (default: the first)")
      ->type_name("MODALITY")
      ->check(CLI::IsMember({"text", "audio", "video", "images", "image"}));
  command->add_option("--topic", content.topic_id, "Topic of the catalogue it belongs to")->type_name("ID");
  command->add_option("--resolution", content.resolution, "Of the video: 720p, 1080p, 2160p")
      ->type_name("SIZE")
      ->check(CLI::IsMember({"720p", "1080p", "2160p"}));
  command->add_option("--voice", content.voice, "Of the audio, such as en-US-Neural2-J")->type_name("NAME");
  command->add_option("--organization", content.organization_id, "On whose account (default: the student's)")
      ->type_name("ID");
  command->add_option("--correlation-id", content.correlation_id, "Appears in every log line (default: the id)")
      ->type_name("TEXT");
  command->add_option("--request-id", content.request_id, "Id of the request; the same twice is one request")
      ->type_name("UUID");
}

void add_running_options(CLI::App* command, RequestArguments& arguments) {
  command->add_option("--script", arguments.script_file, "Script to use; - reads standard input")->type_name("FILE");
  command->add_option("--storyboard", arguments.storyboard_file, "Storyboard to use; - reads standard input")
      ->type_name("FILE");
  command
      ->add_option("--message", arguments.message_file,
                   "Instead of the options above: messages as the platform publishes them, JSON Lines")
      ->type_name("FILE");
  command->add_option("--priority", arguments.content.priority, "0 (last) to 9 (first)")
      ->type_name("N")
      ->check(CLI::Range(0, 9));
  command
      ->add_option("--environment", arguments.content.environment,
                   "Whose hosts take it: dev, staging, prod (default dev)")
      ->type_name("NAME")
      ->check(CLI::IsMember({"dev", "staging", "prod"}));
  command
      ->add_option("--via", arguments.via,
                   "database (a row, as the platform inserts it) or socket (straight to this host's daemon);\n"
                   "default: database when one is named, else socket")
      ->type_name("WAY")
      ->check(CLI::IsMember({"database", "socket"}));
  command->add_flag("--create-student", arguments.create_student,
                    "Make a user who cannot log in if there is none; for tests, environment dev only");
  command->add_flag("--wait", arguments.waiting.wait, "Follow it to its end; exit 5 if it failed, 6 if cancelled");
  command->add_option("--timeout", arguments.waiting.limit, "With --wait: give up after this long, with exit 7")
      ->type_name("DURATION")
      ->check(duration_option());
}

}  // namespace

void add_request_commands(CommandLine& line) {
  auto arguments = std::make_shared<RequestArguments>();
  CLI::App* command = add_command(
      line.app, "request", "Make a request as the platform does; show, list, cancel, retry them", "Database",
      {"vividctl request --student s1 --query 'Explain photosynthesis' --modality text --wait",
       "vividctl request --message messages.jsonl --create-student", "vividctl request show 3f0c5a52",
       "vividctl request list --status failed"});
  command->require_subcommand(0, 1);
  add_content_options(command, arguments->content);
  add_running_options(command, *arguments);
  for (const char* name :
       {"--student", "--query", "--grade", "--interest", "--modality", "--preferred", "--topic", "--resolution",
        "--voice", "--organization", "--correlation-id", "--request-id", "--script", "--storyboard"}) {
    command->get_option("--message")->excludes(command->get_option(name));
  }
  command->get_option("--script")->excludes(command->get_option("--storyboard"));
  add_database_option(command, arguments->database);
  // Shared, so that --database counts on either side of the inner command's name.
  add_inner_request_commands(line, *command, std::shared_ptr<std::string>(arguments, &arguments->database));
  command->parse_complete_callback([&line, command, arguments] {
    if (!command->get_subcommands().empty()) return;
    line.chosen = [arguments](Context& context) { return request(context, *arguments); };
  });
}

}  // namespace vivid::ctl
