#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "daemon/vividctl/commands.h"
#include "daemon/vividctl/cost_view.h"
#include "daemon/vividctl/database.h"
#include "daemon/vividctl/dates.h"
#include "daemon/vividctl/forecast.h"
#include "daemon/vividctl/format.h"
#include "sync/central/reports/costs.h"

namespace vivid::ctl {
namespace {

constexpr const char* kGroup = "Commands";
constexpr int kHistoryDays = 30;

struct ReportArguments {
  std::string database;
  std::string from;
  std::string to;
  std::vector<std::string> by{"day"};
};

Outcome<ExitCode> report(Context& context, const ReportArguments& arguments) {
  const WallTime now = context.clock().now();
  sync::CostQuestion question{arguments.from, arguments.to, arguments.by};
  if (question.to.empty()) question.to = date_text(now);
  if (question.from.empty()) question.from = days_before(question.to, kHistoryDays - 1);
  if (question.from > question.to) {
    return failure(ExitCode::usage, ErrorCode::invalid_input,
                   "--from " + question.from + " is after --to " + question.to);
  }
  VIVID_ASSIGN(sync::Session session, open_database(context, arguments.database));
  VIVID_ASSIGN(const Json answer, database_answer(sync::cost_report(session, question)));
  if (context.globals().json) {
    context.print(answer);
  } else {
    context.out().write(render_cost_report(answer, arguments.by, context.terminal()));
  }
  return ExitCode::ok;
}

struct ForecastArguments {
  std::string database;
  std::optional<std::int64_t> requests_per_day;
  std::vector<std::string> shares;
  int days = 365;
  std::string text_cost;
  std::string video_cost;
  bool from_history = false;
};

// What the options leave open is as it was of late.
Outcome<void> take_history(Context& context, const ForecastArguments& arguments, Forecast& forecast,
                           std::vector<std::int64_t>& shares) {
  VIVID_ASSIGN(sync::Session session, open_database(context, arguments.database));
  VIVID_ASSIGN(const Json history, database_answer(sync::cost_history(session, kHistoryDays)));
  const std::int64_t text = integer_at(member(history, "text"), "requests");
  const std::int64_t video = integer_at(member(history, "video"), "requests");
  if (text + video == 0) {
    return failure(ExitCode::refused, ErrorCode::not_found,
                   "no request has cost anything in the last " + std::to_string(kHistoryDays) + " days");
  }
  const auto price = [&](const char* kind, const std::string& named, MicroUsd& cost) {
    const std::optional<MicroUsd> was = parse_usd(text_at(member(history, kind), "usd"));
    if (!named.empty()) return;
    if (was) {
      cost = *was;
    } else {
      context.remark(std::string("no ") + kind + " request of late: its price is the default");
    }
  };
  price("text", arguments.text_cost, forecast.text_cost);
  price("video", arguments.video_cost, forecast.video_cost);
  if (!arguments.requests_per_day) forecast.requests_per_day = (text + video + kHistoryDays / 2) / kHistoryDays;
  if (arguments.shares.empty()) shares = {0, (text * kWholeShare + (text + video) / 2) / (text + video)};
  context.remark("of the last " + std::to_string(kHistoryDays) + " days: " + count_text(text) + " text-only and " +
                 count_text(video) + " other requests");
  return {};
}

Outcome<ExitCode> forecast(Context& context, const ForecastArguments& arguments) {
  Forecast asked;
  asked.days = arguments.days;
  asked.requests_per_day = arguments.requests_per_day.value_or(0);
  if (!arguments.text_cost.empty()) asked.text_cost = parse_usd(arguments.text_cost).value_or(asked.text_cost);
  if (!arguments.video_cost.empty()) asked.video_cost = parse_usd(arguments.video_cost).value_or(asked.video_cost);
  std::vector<std::int64_t> shares{0};
  for (const std::string& share : arguments.shares) {
    if (const std::int64_t parsed = parse_share(share).value_or(0); parsed != 0) shares.push_back(parsed);
  }
  if (arguments.from_history) {
    VIVID_TRY(take_history(context, arguments, asked, shares));
  } else if (!arguments.requests_per_day) {
    return failure(ExitCode::usage, ErrorCode::invalid_input, "say how many: --requests-per-day N, or --from-history");
  } else if (arguments.shares.empty()) {
    shares = {0, 300'000, 500'000, 700'000};
  }
  if (context.globals().json) {
    context.print(forecast_json(asked, shares));
  } else {
    context.out().write(render_forecast(asked, shares, context.terminal()));
  }
  return ExitCode::ok;
}

CLI::Validator price_option() {
  return {[](std::string& text) -> std::string {
            return parse_usd(text) ? ""
                                   : "'" + text + "' is no price; write dollars such as 0.017, with at most 6 decimals";
          },
          "", "price"};
}

CLI::Validator share_option() {
  return {[](std::string& text) -> std::string {
            return parse_share(text) ? "" : "'" + text + "' is no share; write 0 to 1, or a percentage such as 30%";
          },
          "", "share"};
}

void add_report(CommandLine& line, CLI::App& cost) {
  auto arguments = std::make_shared<ReportArguments>();
  CLI::App* command =
      add_command(cost, "report", "What requests have cost, and what text-only answers have saved", kGroup,
                  {"vividctl cost report --from 2026-11-01 --by organization,modality",
                   "vividctl cost report --json | jq -r .total.usd"});
  add_database_option(command, arguments->database);
  command->add_option("--from", arguments->from, "First day, UTC (default: 30 days in all)")
      ->type_name("DATE")
      ->check(date_option());
  command->add_option("--to", arguments->to, "Last day, UTC (default: today)")->type_name("DATE")->check(date_option());
  command->add_option("--by", arguments->by, "What rows are for: day, organization, modality (default day)")
      ->delimiter(',')
      ->type_name("LIST")
      ->check(CLI::IsMember({"day", "organization", "modality"}));
  command->parse_complete_callback(
      [&line, arguments] { line.chosen = [arguments](Context& context) { return report(context, *arguments); }; });
}

void add_forecast(CommandLine& line, CLI::App& cost) {
  auto arguments = std::make_shared<ForecastArguments>();
  CLI::App* command = add_command(
      cost, "forecast", "What requests would cost, and what text-only answers would save; needs no database", kGroup,
      {"vividctl cost forecast --requests-per-day 10000",
       "vividctl cost forecast --requests-per-day 10000 --text-share 30%",
       "vividctl cost forecast --from-history --requests-per-day 20000"});
  command->add_option("--requests-per-day", arguments->requests_per_day, "How many there are")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, kMaxRequestsPerDay));
  command
      ->add_option("--text-share", arguments->shares,
                   "How many of them want text alone: 0.3 or 30%; several may be named (default 30%,50%,70%)")
      ->delimiter(',')
      ->type_name("SHARE")
      ->check(share_option());
  command->add_option("--days", arguments->days, "For how long (default 365)")
      ->type_name("N")
      ->check(CLI::Range(1, kMaxForecastDays));
  command->add_option("--text-cost", arguments->text_cost, "Of a text-only request (default $0.017)")
      ->type_name("USD")
      ->check(price_option());
  command->add_option("--video-cost", arguments->video_cost, "Of any other request (default $0.20)")
      ->type_name("USD")
      ->check(price_option());
  command->add_flag("--from-history", arguments->from_history,
                    "What is not named is as it was in the last 30 days, from the database");
  add_database_option(command, arguments->database);
  command->parse_complete_callback(
      [&line, arguments] { line.chosen = [arguments](Context& context) { return forecast(context, *arguments); }; });
}

}  // namespace

void add_cost_commands(CommandLine& line) {
  CLI::App* cost = add_command(line.app, "cost", "What requests cost: report, forecast", "Database",
                               {"vividctl cost report", "vividctl cost forecast --requests-per-day 10000"});
  cost->require_subcommand(1);
  add_report(line, *cost);
  add_forecast(line, *cost);
}

}  // namespace vivid::ctl
