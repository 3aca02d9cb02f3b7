// The real vividctl against a real PostgreSQL.
#include <gmock/gmock.h>

#include <fstream>

#include "tests/integration/central/central_fixture.h"
#include "tests/integration/vividctl/fake_daemon.h"

namespace vivid::ctl::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
constexpr const char* kFirst = "3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a01";

class RequestCommand : public vivid::test::CentralTest {
 protected:
  Ran ctl(std::vector<std::string> arguments, const RunOptions& options = {}) const {
    arguments.insert(arguments.end(), {"--database", url()});
    return run_vividctl(daemon, std::move(arguments), options);
  }
  static RunOptions messages() {
    RunOptions options;
    for (int i = 1; i <= 3; ++i) {
      options.input += Json{{"request_id", "3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a0" + std::to_string(i)},
                            {"correlation_id", "req_test" + std::to_string(i)},
                            {"student_id", "student_" + std::to_string(i)},
                            {"student_query", "Explain photosynthesis for basketball fans"},
                            {"grade_level", 10},
                            {"environment", "dev"}}
                           .dump() +
                       "\n";
    }
    options.input +=
        R"({"request_id": "test-smoke-002", "student_id": "student_4", "student_query": "Explain gravity",)"
        R"( "grade_level": 10, "environment": "dev"})"
        "\n";
    return options;
  }
  FakeDaemon daemon;
};

TEST_F(RequestCommand, InsertsTheMessagesAndRefusesThePoisonOneByName) {
  const Ran ran = ctl({"request", "--message", "-", "--create-student"}, messages());
  EXPECT_EQ(ran.exit, 8);
  EXPECT_THAT(ran.out, HasSubstr(std::string("line 1  ") + kFirst + "  pending  video"));
  EXPECT_THAT(ran.error, HasSubstr("line 4: request_id is \"test-smoke-002\", allowed is a UUID"));
  EXPECT_EQ(count("SELECT count(*) FROM content_requests WHERE status = 'pending'"), 3);
  const Ran again = ctl({"request", "--message", "-"}, messages());
  EXPECT_THAT(again.out, HasSubstr("was here already"));
  EXPECT_EQ(count("SELECT count(*) FROM content_requests"), 3);
}

TEST_F(RequestCommand, AnUnknownStudentIsNamed) {
  const Ran ran = ctl({"request", "--student", "nobody", "--query", "Why?"});
  EXPECT_EQ(ran.exit, 8);
  EXPECT_THAT(ran.error, HasSubstr("student_id is \"nobody\", and users has no such user"));
  const Ran prod =
      ctl({"request", "--student", "nobody", "--query", "Why?", "--environment", "prod", "--create-student"});
  EXPECT_EQ(prod.exit, 2);
  EXPECT_EQ(count("SELECT count(*) FROM users WHERE user_id = 'nobody'"), 0);
}

TEST_F(RequestCommand, WaitsForTheEndAndTellsItByItsExitCode) {
  for (const auto& [status, exit] :
       std::vector<std::pair<std::string, int>>{{"completed", 0}, {"failed", 5}, {"cancelled", 6}}) {
    RunOptions options;
    options.while_running = [&] {
      while (count("SELECT count(*) FROM content_requests WHERE status = 'pending'") == 0) {
      }
      sql("UPDATE content_requests SET status = '" + status +
          "', error_message = 'a reason', error_stage = 'video_generation' WHERE status = 'pending'");
    };
    const Ran ran = ctl({"request", "--student", "student", "--query", "Why?", "--wait"}, options);
    EXPECT_EQ(ran.exit, exit) << ran.error;
    EXPECT_THAT(ran.out, HasSubstr(status));
    if (status == "failed") {
      EXPECT_THAT(ran.out, HasSubstr("video_generation: a reason"));
    }
  }
  const Ran late = ctl({"request", "--student", "student", "--query", "Why?", "--wait", "--timeout", "1s"});
  EXPECT_EQ(late.exit, 7);
}

TEST_F(RequestCommand, GoesToTheDaemonWhenNoDatabaseIsNamed) {
  daemon.on("job.submit", [](const Call& call) {
    call.answer({{"job", call.params()["request"]["request_id"]}, {"created", true}, {"state", "queued"}});
  });
  const Ran ran = run_vividctl(daemon, {"request", "--student", "s", "--query", "Why?", "--priority", "8"});
  EXPECT_EQ(ran.exit, 0) << ran.error;
  const Json params = daemon.requests("job.submit").at(0);
  EXPECT_EQ(params["request"]["student_query"], "Why?");
  EXPECT_EQ(params["priority"], 8);
}

TEST_F(RequestCommand, ShowsListsCancelsAndRetries) {
  EXPECT_EQ(ctl({"request", "--message", "-", "--create-student"}, messages()).exit, 8);
  const Ran cancelled = ctl({"request", "cancel", "req_test1", "req_test2"});
  EXPECT_EQ(cancelled.exit, 0) << cancelled.error;
  const Ran listed = ctl({"request", "list", "--status", "cancelled"});
  EXPECT_THAT(listed.out, HasSubstr("student_2"));
  EXPECT_THAT(listed.out, Not(HasSubstr("student_3")));
  EXPECT_EQ(ctl({"request", "retry", kFirst}).exit, 0);
  const Ran refused = ctl({"request", "retry", kFirst});
  EXPECT_EQ(refused.exit, 1);
  EXPECT_THAT(refused.error, HasSubstr("is pending; it has not ended yet"));
  const Ran shown = ctl({"request", "show", "req_test1"});
  EXPECT_THAT(shown.out, HasSubstr("request_retried"));
  EXPECT_EQ(Json::parse(ctl({"request", "show", "req_test1", "--json"}).out)["request"]["retry_count"], 1);
  EXPECT_EQ(ctl({"request", "show", "nothing"}).exit, 4);
}

TEST_F(RequestCommand, FleetCostAndUsageAnswerOnAnEmptyDatabase) {
  EXPECT_THAT(ctl({"fleet"}).out, HasSubstr("no host has ever said hello"));
  EXPECT_THAT(ctl({"cost", "report"}).out, HasSubstr("$0.0000"));
  EXPECT_THAT(ctl({"usage"}).out, HasSubstr("total"));
  EXPECT_EQ(ctl({"cost", "forecast", "--from-history"}).exit, 1);
  EXPECT_EQ(run_vividctl(daemon, {"fleet"}).exit, 2);
  EXPECT_EQ(run_vividctl(daemon, {"fleet", "--database", "host=/nowhere"}).exit, 3);
}

TEST_F(RequestCommand, ForecastsFromWhatRequestsHaveCost) {
  sql("INSERT INTO vividd.request_cost (request_id, fence, entry, kind, modality, quantity, unit, unit_price_usd)"
      " SELECT gen_random_uuid(), 1, 'cost', 'all', 'video', 1, 'request', 0.25 FROM generate_series(1, 3);"
      "WITH r AS (SELECT gen_random_uuid() AS id)"
      " INSERT INTO vividd.request_cost (request_id, fence, entry, kind, modality, quantity, unit, unit_price_usd)"
      " SELECT id, 1, e, 'all', 'text', 1, 'request', 0.05 FROM r, unnest(ARRAY['cost', 'saving']) e");
  const Ran ran = ctl({"cost", "forecast", "--from-history", "--requests-per-day", "100", "--days", "1", "--json"});
  ASSERT_EQ(ran.exit, 0) << ran.error;
  const Json forecast = Json::parse(ran.out);
  EXPECT_EQ(forecast["rows"][0]["usd"], "25");
  EXPECT_EQ(forecast["rows"][1]["text_share"], "0.25");
  EXPECT_EQ(forecast["rows"][1]["usd"], "20");
}

}  // namespace
}  // namespace vivid::ctl::test
