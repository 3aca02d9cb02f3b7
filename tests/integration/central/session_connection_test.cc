// One connection: what it says, what it hears, and how it ends.
#include <gmock/gmock.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <thread>

#include "tests/integration/central/central_fixture.h"

namespace vivid::test {
namespace {

using std::chrono::milliseconds;
using sync::Session;
using sync::SessionOptions;
using sync::SqlRow;
using sync::Transaction;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class SessionConnection : public CentralTest {};

TEST_F(SessionConnection, AnswersWithTextAndNull) {
  Session session = open();
  const auto rows = session.run("SELECT $1::text, $2::int + 1, $3::text", SqlRow{"é", "41", std::nullopt});
  ASSERT_TRUE(rows);
  EXPECT_EQ(*rows, (std::vector<SqlRow>{{"é", "42", std::nullopt}}));
  EXPECT_EQ(session.run("SELECT 1; SELECT 2")->front().front(), "2");
  EXPECT_THAT(session.description(), HasSubstr("database " + database_));
}

TEST_F(SessionConnection, GoesOnAfterAnErrorOfAStatement) {
  Session session = open();
  const auto wrong = session.run("SELECT 1/0; SELECT 2");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().state, "22012");
  const auto nul = session.run("SELECT $1::text", SqlRow{std::string("a\0b", 3)});
  ASSERT_FALSE(nul);
  EXPECT_EQ(nul.error().state, "22021");
  EXPECT_TRUE(session.is_open());
  EXPECT_TRUE(session.run("SELECT 1"));
}

TEST_F(SessionConnection, KeepsToPublicAndUtcAndSaysWhoItIs) {
  Session session = open();
  EXPECT_EQ(session.run("SHOW search_path")->front()[0], "public, pg_temp");
  EXPECT_EQ(session.run("SHOW timezone")->front()[0], "UTC");
  EXPECT_EQ(session.run("SHOW application_name")->front()[0], "test");
  SessionOptions named = session_options();
  named.url += " application_name=mine";
  EXPECT_EQ(open(named).run("SHOW application_name")->front()[0], "mine");
}

TEST_F(SessionConnection, EndsAStatementAtItsTimeLimit) {
  SessionOptions options = session_options();
  options.statement_timeout = milliseconds(500);
  Session session = open(options);
  const auto slow = session.run("SELECT pg_sleep(30)");
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().state, "57014");
  EXPECT_EQ(sync::to_error(slow.error(), "x").code, ErrorCode::unavailable);
  EXPECT_TRUE(session.run("SELECT 1"));
}

TEST_F(SessionConnection, WaitsForALockNoLongerThanItWasTold) {
  Session holder = open();
  const auto held = Transaction::begin(holder);
  ASSERT_TRUE(holder.run("LOCK TABLE topics"));
  SessionOptions options = session_options();
  options.lock_timeout = milliseconds(20);
  Session session = open(options);
  const auto refused = session.run("SELECT * FROM topics");
  ASSERT_FALSE(refused);
  EXPECT_TRUE(sync::is_worth_retrying(refused.error()));
  EXPECT_EQ(sync::to_error(refused.error(), "x").code, ErrorCode::resource_exhausted);
}

TEST_F(SessionConnection, TransactionsAreUndoneUnlessCommitted) {
  Session session = open();
  const std::string count_topics = "SELECT count(*) FROM topics WHERE subject = 'new'";
  const auto insert = [&](const char* id) {
    return session.run("INSERT INTO topics (topic_id, subject, unit, name) VALUES ($1, 'new', 'u', 'n')", SqlRow{id});
  };
  {
    auto left = Transaction::begin(session);
    ASSERT_TRUE(left && insert("a"));
  }
  EXPECT_EQ(value(count_topics), "0");
  auto failed = Transaction::begin(session);
  ASSERT_TRUE(failed && insert("b"));
  ASSERT_FALSE(insert("b"));
  const auto committed = failed->commit();
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().state, "25P02");
  EXPECT_EQ(value(count_topics), "0");
  auto good = Transaction::begin(session);
  ASSERT_TRUE(good && insert("c"));
  ASSERT_TRUE(good->commit());
  EXPECT_EQ(value(count_topics), "1");
}

TEST_F(SessionConnection, HearsNotifications) {
  Session session = open();
  ASSERT_TRUE(session.listen({"vividd_requests", "an \"odd\" one"}));
  EXPECT_TRUE(session.notifications()->empty());
  add_request();
  sql("NOTIFY \"an \"\"odd\"\" one\", 'payload'");
  std::vector<sync::Notification> heard;
  while (heard.size() < 2) {
    pollfd entry{session.wait_fd(), POLLIN, 0};
    ASSERT_EQ(::poll(&entry, 1, 30'000), 1);
    const auto some = session.notifications();
    ASSERT_TRUE(some);
    heard.insert(heard.end(), some->begin(), some->end());
  }
  EXPECT_EQ(heard[0].channel, "vividd_requests");
  EXPECT_EQ(heard[1].channel, "an \"odd\" one");
  EXPECT_EQ(heard[1].payload, "payload");
}

TEST_F(SessionConnection, KeepsNotificationsThatComeWithAnAnswer) {
  Session session = open();
  ASSERT_TRUE(session.listen({"here"}));
  ASSERT_TRUE(session.run("NOTIFY here, 'self'"));
  const auto heard = session.notifications();
  ASSERT_TRUE(heard);
  ASSERT_THAT(*heard, SizeIs(1));
  EXPECT_EQ(heard->front().payload, "self");
}

TEST_F(SessionConnection, SeesThatTheServerEndedIt) {
  for (const bool by_notifications : {false, true}) {
    Session session = open();
    const std::string pid = session.run("SELECT pg_backend_pid()")->front()[0].value();
    sql("SELECT pg_terminate_backend(" + pid + ", 10000)");
    if (by_notifications) {
      EXPECT_FALSE(session.notifications());
    } else {
      const auto gone = session.run("SELECT 1");
      ASSERT_FALSE(gone);
      EXPECT_EQ(gone.error().state, "");
      EXPECT_EQ(sync::to_error(gone.error(), "x").code, ErrorCode::unavailable);
    }
    EXPECT_FALSE(session.is_open());
    EXPECT_EQ(session.wait_fd(), -1);
    EXPECT_FALSE(session.run("SELECT 1"));
  }
}

TEST_F(SessionConnection, CarriesMoreThanASocketHolds) {
  Session session = open();
  const std::string large(32 * 1024 * 1024, 'x');
  const auto rows = session.run("SELECT $1::text", SqlRow{large});
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->front()[0]->size(), large.size());
}

TEST_F(SessionConnection, TriesTheNextHost) {
  SessionOptions options = session_options();
  const std::string folder = server().folder().string();
  options.url = "host=/nowhere," + folder + " user=postgres dbname=" + database_;
  EXPECT_TRUE(open(options).is_open());
  options.url = "host=/nowhere,/neither user=postgres password=hunter2";
  const auto none = Session::open(options);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::unavailable);
  EXPECT_THAT(none.error().message, HasSubstr("/neither"));
  EXPECT_THAT(none.error().message, Not(HasSubstr("hunter2")));
}

// A server that is there and says nothing: the kernel answers for it, so no keepalive ever fails.
class HungServer : public CentralTest {
 protected:
  // The server process of one session, or of all to come.
  void stop_process(pid_t pid) {
    ASSERT_EQ(::kill(pid, SIGSTOP), 0);
    stopped_ = pid;
  }
  void TearDown() override {
    if (stopped_ > 0) ::kill(stopped_, SIGCONT);
    CentralTest::TearDown();
  }
  void leave_while_sending(std::size_t bytes);

  pid_t stopped_ = -1;
};

TEST_F(HungServer, IsGivenUpAfterTheGrace) {
  SessionOptions options = session_options();
  options.statement_timeout = milliseconds(500);
  options.grace = milliseconds(500);
  Session session = open(options);
  stop_process(std::stoi(session.run("SELECT pg_backend_pid()")->front()[0].value()));
  const auto silent = session.run("SELECT 1");
  ASSERT_FALSE(silent);
  EXPECT_EQ(silent.error().state, "");
  EXPECT_FALSE(session.is_open());
}

void HungServer::leave_while_sending(std::size_t bytes) {
  SessionOptions options = session_options();
  options.statement_timeout = milliseconds(0);
  Session session = open(options);
  stop_process(std::stoi(session.run("SELECT pg_backend_pid()")->front()[0].value()));
  // Once the statement is on its way; the server never reads it.
  std::thread other([&session, fd = session.wait_fd()] {
    for (int unread = 0; unread == 0;) ASSERT_EQ(::ioctl(fd, SIOCOUTQ, &unread), 0);
    session.abort();
  });
  const auto ended = session.run("SELECT $1::text", SqlRow{std::string(bytes, 'x')});
  other.join();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().state, "");
  EXPECT_FALSE(session.is_open());
  EXPECT_FALSE(session.run("SELECT 1"));
}

TEST_F(HungServer, IsLeftInMidAnswerWhenAnotherThreadSaysSo) { leave_while_sending(1); }

TEST_F(HungServer, IsLeftInMidSendingWhenAnotherThreadSaysSo) { leave_while_sending(32 * 1024 * 1024); }

TEST_F(HungServer, IsLeftWhileItConnects) {
  const pid_t postmaster = std::stoi(value("SELECT (regexp_match(pg_read_file('postmaster.pid'), '^\\d+'))[1]"));
  stop_process(postmaster);
  SessionOptions options = session_options();
  options.interrupt = std::make_shared<sync::Interrupt>();
  options.connect_timeout = std::chrono::hours(1);
  std::thread other([&] { options.interrupt->raise(); });
  EXPECT_FALSE(Session::open(options));
  other.join();
  options.interrupt = nullptr;
  options.connect_timeout = std::chrono::seconds(2);
  const auto late = Session::open(options);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace vivid::test
