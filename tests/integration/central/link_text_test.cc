// The text path on a real server.
#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include "sync/central/link/text_link.h"
#include "tests/integration/central/central_fixture.h"
#include "tests/integration/central/link_host.h"

namespace vivid::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using sync::ClaimedRequest;
using sync::TextLink;
using sync::TextLinkOptions;
using sync::TextOutcome;
using sync::Verdict;

class AnsweringHost : public sync::TextHost {
 public:
  std::atomic<bool> takes = true;
  std::atomic<int> milliseconds_each = 0;
  std::atomic<int> postpones = 0;  // so many, once each
  std::atomic<bool> writes_nul = false;

  bool takes_text() override { return takes; }

  std::vector<TextOutcome> answer(const std::vector<ClaimedRequest>& requests) override {
    note_company(requests);
    std::vector<TextOutcome> outcomes;
    for (const ClaimedRequest& request : requests) {
      std::this_thread::sleep_for(milliseconds(milliseconds_each));
      TextOutcome outcome;
      if (postpones > 0) {
        --postpones;
        outcome.later = Error{ErrorCode::unavailable, "the language model does not answer"};
        outcome.retry_after = milliseconds(300);
      } else {
        outcome.final_body =
            R"({"status": "completed", "at_us": 1800000000000000, "content": {"title": "T", "modality_type": "text",)"
            R"( "text_content": ")" +
            std::string(writes_nul ? "\\u0000" : "Force is mass times acceleration.") +
            R"(", "supported_formats": ["text"]}, "stages": [{"name": "script_generation", "order": 3,)"
            R"( "status": "completed", "attempt": 1, "started_at_us": 1800000000000000,)"
            R"( "finished_at_us": 1800000000000001, "output": {}}], "costs": [], "usage": ["text"]})";
      }
      outcomes.push_back(std::move(outcome));
      const std::lock_guard<std::mutex> lock(mutex_);
      ++answered_[request.id];
    }
    return outcomes;
  }

  void text_ended(const ClaimedRequest& request, const TextOutcome&, Verdict verdict) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++ended_[request.id];
    ++verdicts_[verdict];
  }

  std::map<std::string, int> answered() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return answered_;
  }
  std::map<std::string, int> ended() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return ended_;
  }
  int alone() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return alone_;
  }
  int in_company() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return in_company_;
  }
  int verdicts(Verdict verdict) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return verdicts_[verdict];
  }

 private:
  // Of those over which a host was lost: whether another is answered with it, or answered and not yet in the database.
  void note_company(const std::vector<ClaimedRequest>& requests) {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const ClaimedRequest& request : requests) {
      if (request.crashes == 0) continue;
      ++(requests.size() == 1 && answered_.size() == ended_.size() ? alone_ : in_company_);
    }
  }

  std::mutex mutex_;
  int alone_ = 0;
  int in_company_ = 0;
  std::map<std::string, int> answered_;
  std::map<std::string, int> ended_;
  std::map<Verdict, int> verdicts_;
};

class LinkText : public CentralTest {
 protected:
  TextLinkOptions options() const {
    TextLinkOptions text;
    text.link = quick_options(url(), node());
    return text;
  }
  template <typename Condition>
  static bool wait_until(Condition&& condition, seconds limit = seconds(90)) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
      if (std::chrono::steady_clock::now() >= deadline) return false;
      std::this_thread::sleep_for(milliseconds(10));
    }
    return true;
  }
  int with_status(const std::string& status) const {
    return count("SELECT count(*) FROM content_requests WHERE status = '" + status + "'");
  }
};

TEST_F(LinkText, FinishesTwoThousandRequests) {
  add_text_requests(2000);
  const std::string video = add_request();
  AnsweringHost host;
  TextLink link(options(), host, system_clock());
  link.start();
  ASSERT_TRUE(wait_until([&] { return link.state().completed == 2000; }, seconds(60)));
  link.stop(seconds(5));
  EXPECT_EQ(with_status("completed"), 2000);
  EXPECT_EQ(count("SELECT count(*) FROM content_metadata WHERE text_content IS NOT NULL"), 2000);
  EXPECT_EQ(count("SELECT count(*) FROM vividd.request_lease WHERE state = 'finished' AND path = 'text'"), 2000);
  EXPECT_EQ(host.ended().size(), 2000u);
  EXPECT_EQ(host.verdicts(Verdict::applied), 2000);
  EXPECT_EQ(value("SELECT status FROM content_requests WHERE id = '" + video + "'"), "pending");
}

TEST_F(LinkText, AnswersAloneWhatHasLostAHostBefore) {
  add_text_requests(1020);
  sql("INSERT INTO vividd.request_lease (request_id, node_id, boot_id, path, state, crashes, leased_until)"
      " SELECT id, 'dead', gen_random_uuid(), 'text', CASE WHEN n % 2 = 0 THEN 'leased' ELSE 'released' END, n % 2,"
      "        now() - interval '1 minute'"
      "   FROM (SELECT id, row_number() OVER (ORDER BY created_at) AS n FROM content_requests) AS r WHERE n % 51 < 2;"
      "UPDATE content_requests r SET status = 'generating_script' FROM vividd.request_lease l"
      " WHERE l.request_id = r.id AND l.state = 'leased'");
  const int crashed = count("SELECT count(*) FROM vividd.request_lease");
  open_gate();
  AnsweringHost host;
  TextLinkOptions text = options();
  text.link.lease = seconds(1);
  ASSERT_TRUE(wait_until([&] { return value("SELECT now() - pg_postmaster_start_time() > interval '1.5 s'") == "t"; }));
  TextLink link(text, host, system_clock());
  link.start();
  ASSERT_TRUE(wait_until([&] { return link.state().completed == 1020; }, seconds(60)));
  link.stop(seconds(5));
  EXPECT_EQ(host.alone(), crashed);
  EXPECT_EQ(host.in_company(), 0);
  EXPECT_EQ(with_status("completed"), 1020);
}

TEST_F(LinkText, AnswersTheNextBatchesWhileOneIsOnItsWay) {
  add_text_requests(400);
  sync::Session other = open();
  ASSERT_TRUE(other.run("SET idle_in_transaction_session_timeout = 0"));
  ASSERT_TRUE(other.run("BEGIN; LOCK TABLE content_metadata IN SHARE MODE"));
  AnsweringHost host;
  TextLinkOptions small = options();
  small.batch = 50;
  TextLink link(small, host, system_clock());
  link.start();
  ASSERT_TRUE(wait_until([&] { return host.answered().size() >= 100; }));
  EXPECT_EQ(with_status("completed"), 0);
  ASSERT_TRUE(other.run("COMMIT"));
  ASSERT_TRUE(wait_until([&] { return link.state().completed == 400; }));
  link.stop(seconds(1));
  EXPECT_EQ(with_status("completed"), 400);
  EXPECT_EQ(host.verdicts(Verdict::applied), 400);
  for (const auto& [id, times] : host.answered()) EXPECT_EQ(times, 1) << id;
}

TEST_F(LinkText, AnswersSoonAfterItIsWoken) {
  AnsweringHost host;
  TextLinkOptions slow = options();
  slow.link.poll_minimum = slow.link.poll_maximum = milliseconds(3'600'000);
  TextLink link(slow, host, system_clock());
  link.start();
  ASSERT_TRUE(wait_until([&] { return link.state().connected; }));
  add_text_requests(1);
  link.wake();
  EXPECT_TRUE(wait_until([&] { return link.state().completed == 1; }));
}

TEST_F(LinkText, RenewsTheLeasesOfWhatTakesLong) {
  add_text_requests(200);
  AnsweringHost host;
  host.milliseconds_each = 35;  // seven seconds in all
  TextLinkOptions slow = options();
  slow.link.lease = seconds(5);
  slow.link.renew_interval = milliseconds(500);
  TextLink link(slow, host, system_clock());
  TextLinkOptions vulture_options = slow;
  vulture_options.link.node = node("vulture", 200);
  AnsweringHost vulture_host;
  TextLink vulture(vulture_options, vulture_host, system_clock());
  link.start();
  ASSERT_TRUE(wait_until([&] { return !host.answered().empty(); }));
  open_gate();
  vulture.start();
  ASSERT_TRUE(wait_until([&] { return with_status("completed") == 200; }));
  vulture.stop(seconds(1));
  link.stop(seconds(1));
  EXPECT_EQ(vulture_host.answered().size(), 0u);
  EXPECT_EQ(host.verdicts(Verdict::applied), 200);
}

TEST_F(LinkText, GivesBackForLaterWhatCannotBeAnsweredNow) {
  add_text_requests(3);
  AnsweringHost host;
  host.postpones = 2;
  TextLink link(options(), host, system_clock());
  link.start();
  ASSERT_TRUE(wait_until([&] { return link.state().completed == 3; }));
  link.stop(seconds(1));
  EXPECT_EQ(link.state().given_back, 2);
  EXPECT_EQ(with_status("completed"), 3);
}

TEST_F(LinkText, FailsARequestWhoseAnswerTheDatabaseRefuses) {
  add_text_requests(1);
  AnsweringHost host;
  host.writes_nul = true;
  TextLink link(options(), host, system_clock());
  link.start();
  ASSERT_TRUE(wait_until([&] { return link.state().failed == 1; }));
  link.stop(seconds(1));
  EXPECT_EQ(with_status("failed"), 1);
  EXPECT_NE(value("SELECT error_message FROM content_requests").find("refuses the answer"), std::string::npos);
  EXPECT_EQ(host.answered().size(), 1u);
}

TEST_F(LinkText, LosesAndDoublesNothingWhenTheServerIsKilledUnderLoad) {
  add_text_requests(3000);
  AnsweringHost host;
  TextLinkOptions small = options();
  small.batch = 50;
  TextLink link(small, host, system_clock());
  link.start();
  for (const int done : {300, 1000, 1700}) {
    ASSERT_TRUE(wait_until([&] { return static_cast<int>(host.ended().size()) >= done; }));
    ASSERT_TRUE(server().stop(SIGQUIT));
    ASSERT_TRUE(server().start_again());
  }
  ASSERT_TRUE(wait_until([&] { return host.ended().size() == 3000; }, seconds(60)));
  link.stop(seconds(1));
  EXPECT_EQ(with_status("completed"), 3000);
  EXPECT_EQ(count("SELECT count(*) FROM content_metadata"), 3000);
  EXPECT_EQ(host.verdicts(Verdict::applied) + host.verdicts(Verdict::duplicate), 3000);
  for (const auto& [id, times] : host.answered()) EXPECT_EQ(times, 1) << id;
  EXPECT_EQ(link.state().completed, 3000);
}

TEST_F(LinkText, SkipsWhatWasCancelledMeanwhile) {
  add_text_requests(100);
  AnsweringHost host;
  host.milliseconds_each = 40;
  TextLinkOptions slow = options();
  slow.link.renew_interval = milliseconds(200);
  TextLink link(slow, host, system_clock());
  link.start();
  ASSERT_TRUE(wait_until([&] { return with_status("generating_script") == 100; }));
  sql("UPDATE content_requests SET status = 'cancelled' WHERE topic = 'Topic 100'");
  ASSERT_TRUE(wait_until([&] { return with_status("completed") == 99; }));
  link.stop(seconds(1));
  EXPECT_EQ(with_status("cancelled"), 1);
  EXPECT_EQ(link.state().completed, 99);
  EXPECT_EQ(host.answered().size(), 99u);
  EXPECT_EQ(count("SELECT count(*) FROM vividd.request_lease WHERE state = 'leased'"), 0);
}

TEST_F(LinkText, GivesBackWhatIsInHandWhenItStops) {
  add_text_requests(400);
  AnsweringHost host;
  host.milliseconds_each = 20;  // eight seconds in all
  TextLink link(options(), host, system_clock());
  link.start();
  ASSERT_TRUE(wait_until([&] { return !host.answered().empty(); }));
  const auto start = std::chrono::steady_clock::now();
  link.stop(seconds(10));
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(60));
  EXPECT_EQ(count("SELECT count(*) FROM vividd.request_lease WHERE state = 'leased'"), 0);
  EXPECT_EQ(with_status("pending") + with_status("completed"), 400);
  EXPECT_GT(with_status("pending"), 0);
}

TEST_F(LinkText, StopsWithinItsGraceWhileTheServerHangs) {
  AnsweringHost host;
  host.milliseconds_each = 5;
  add_text_requests(2000);
  TextLinkOptions patient = options();
  patient.link.statement_timeout = std::chrono::hours(1);
  TextLink link(patient, host, system_clock());
  link.start();
  ASSERT_TRUE(wait_until([&] { return link.state().completed > 0; }));
  const pid_t backend = std::stoi(value("SELECT pid FROM pg_stat_activity WHERE application_name = 'vividd text'"));
  ::kill(backend, SIGSTOP);
  std::this_thread::sleep_for(milliseconds(500));
  const auto start = std::chrono::steady_clock::now();
  link.stop(seconds(1));
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(60));
  ::kill(backend, SIGCONT);
}

TEST_F(LinkText, TakesNothingWhileItsHostDrains) {
  add_text_requests(5);
  AnsweringHost host;
  host.takes = false;
  TextLink link(options(), host, system_clock());
  link.start();
  ASSERT_TRUE(wait_until([&] { return link.state().connected; }));
  std::this_thread::sleep_for(milliseconds(800));
  EXPECT_EQ(with_status("pending"), 5);
  host.takes = true;
  link.wake();
  EXPECT_TRUE(wait_until([&] { return link.state().completed == 5; }));
}

}  // namespace
}  // namespace vivid::test
