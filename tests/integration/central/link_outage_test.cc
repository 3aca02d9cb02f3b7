// Servers that die, hang, change or are not what they should be: what a link does, and what it says.
#include <gmock/gmock.h>
#include <sys/types.h>

#include <csignal>

#include "base/log.h"
#include "sync/central/migrate/migrator.h"
#include "tests/integration/central/central_fixture.h"
#include "tests/integration/central/link_host.h"

namespace vivid::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using sync::CentralLink;
using sync::LinkOptions;
using sync::LinkState;
using sync::Verdict;
using ::testing::HasSubstr;

// What is logged while it lives.
class Heard {
 public:
  Heard() {
    log::set_tap([this](log::Level level, std::string_view message, const log::Fields&, std::string_view line) {
      const std::lock_guard<std::mutex> lock(mutex_);
      lines_.push_back({level, std::string(message), std::string(line)});
    });
  }
  ~Heard() { log::set_tap({}); }

  // Lines of this level whose JSON has both texts.
  int count(log::Level level, const std::string& one, const std::string& other = "") {
    const std::lock_guard<std::mutex> lock(mutex_);
    int found = 0;
    for (const Line& line : lines_) {
      const bool has = line.json.find(one) != std::string::npos && line.json.find(other) != std::string::npos;
      found += line.level == level && has ? 1 : 0;
    }
    return found;
  }

 private:
  struct Line {
    log::Level level;
    std::string message;
    std::string json;
  };
  std::mutex mutex_;
  std::vector<Line> lines_;
};

class LinkOutage : public CentralTest {
 protected:
  std::string add_requests(int how_many) const {
    sql("INSERT INTO content_requests (correlation_id, topic, student_id)"
        " SELECT gen_random_uuid()::text, 'Topic ' || i, 'student' FROM generate_series(1, " +
        std::to_string(how_many) + ") AS i");
    return {};
  }
  // The server's processes that serve links.
  std::vector<pid_t> backends() const {
    sync::Session session = open();
    const auto rows = session.run("SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'vividd %'");
    std::vector<pid_t> pids;
    for (const auto& row : *rows) pids.push_back(std::stoi(*row[0]));
    return pids;
  }
};

TEST_F(LinkOutage, LosesAndDoublesNothingWhenTheServerIsKilledUnderLoad) {
  constexpr int kRequests = 600;
  add_requests(kRequests);
  Heard heard;
  MemoryHost hosts[2];
  for (MemoryHost& host : hosts) {
    host.finishes_at_once = true;
    host.slots = 5;
    host.batch = 3;
  }
  CentralLink a(quick_options(url(), node("node-a", 100)), hosts[0], system_clock());
  CentralLink b(quick_options(url(), node("node-b", 200)), hosts[1], system_clock());
  hosts[0].on_change = [&a] { a.wake(); };
  hosts[1].on_change = [&b] { b.wake(); };
  a.start();
  b.start();
  for (std::size_t kill = 1; kill <= 3; ++kill) {
    ASSERT_TRUE(hosts[0].wait_until(
        [&] { return hosts[0].accepted_count() + hosts[1].accepted_count() >= kill * kRequests / 6; }, seconds(60)));
    ASSERT_TRUE(server().stop(SIGQUIT));
    ASSERT_TRUE(hosts[0].wait_until([&] { return !a.state().connected && !b.state().connected; }));
    ASSERT_TRUE(server().start_again());
    ASSERT_TRUE(hosts[0].wait_until([&] { return a.state().connected && b.state().connected; }));
  }
  ASSERT_TRUE(hosts[0].wait_until(
      [&] { return count("SELECT count(*) FROM content_requests WHERE status = 'completed'") == kRequests; },
      seconds(60)));
  a.stop();
  b.stop();

  std::map<std::string, int> taken = hosts[0].accepted();
  for (const auto& [id, times] : hosts[1].accepted()) taken[id] += times;
  EXPECT_EQ(taken.size(), static_cast<std::size_t>(kRequests));
  for (const auto& [id, times] : taken) EXPECT_EQ(times, 1) << id;
  EXPECT_EQ(count("SELECT count(*) FROM content_metadata"), kRequests);
  EXPECT_EQ(a.state().reconnects, 3);
  for (MemoryHost& host : hosts) {
    EXPECT_EQ(host.verdicts()[Verdict::stale] + host.verdicts()[Verdict::unknown], 0);
    EXPECT_EQ(host.told_to_deliver_again(), 0);
  }
  // Once for each outage and host, however often they tried.
  EXPECT_EQ(heard.count(log::Level::warning, "lost the central database", "\"central\""), 6);
  EXPECT_EQ(heard.count(log::Level::info, "the central database is back", "\"central\""), 6);
}

TEST_F(LinkOutage, StopsSoonWhileTheServerHangs) {
  MemoryHost host;
  add_requests(1);
  LinkOptions options = quick_options(url(), node());
  options.statement_timeout = std::chrono::hours(1);
  CentralLink link(options, host, system_clock());
  link.start();
  ASSERT_TRUE(host.wait_until([&] { return link.state().listening && host.accepted_count() == 1; }));
  const std::vector<pid_t> hung = backends();
  ASSERT_EQ(hung.size(), 2u);
  for (const pid_t pid : hung) ::kill(pid, SIGSTOP);
  std::this_thread::sleep_for(milliseconds(1'500));  // it asks for cancelled requests in that time, in vain
  const auto start = steady_clock::now();
  link.stop();
  EXPECT_LT(steady_clock::now() - start, seconds(60));
  for (const pid_t pid : hung) ::kill(pid, SIGCONT);
}

TEST_F(LinkOutage, StopsSoonWhileItConnectsToAServerThatHangs) {
  const pid_t postmaster = std::stoi(value("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)"));
  ::kill(postmaster, SIGSTOP);
  MemoryHost host;
  LinkOptions options = quick_options(url(), node());
  options.connect_timeout = std::chrono::hours(1);
  CentralLink link(options, host, system_clock());
  link.start();
  std::this_thread::sleep_for(milliseconds(300));
  const auto start = steady_clock::now();
  link.stop();
  EXPECT_LT(steady_clock::now() - start, seconds(60));
  ::kill(postmaster, SIGCONT);
}

TEST_F(LinkOutage, GivesUpOnAServerThatHangsAndComesBack) {
  MemoryHost host;
  Heard heard;
  add_requests(1);
  LinkOptions options = quick_options(url(), node());
  options.statement_timeout = seconds(2);
  CentralLink link(options, host, system_clock());
  link.start();
  ASSERT_TRUE(host.wait_until([&] { return link.state().listening && host.accepted_count() == 1; }));
  const std::vector<pid_t> hung = backends();
  for (const pid_t pid : hung) ::kill(pid, SIGSTOP);
  EXPECT_TRUE(host.wait_until([&] { return !link.state().connected; }));
  EXPECT_TRUE(host.wait_until([&] { return link.state().connected; }));
  for (const pid_t pid : hung) ::kill(pid, SIGCONT);
  EXPECT_EQ(heard.count(log::Level::warning, "lost the central database"), 1);
}

TEST_F(LinkOutage, ListensAgainAfterItsConnectionIsEnded) {
  MemoryHost host;
  LinkOptions options = quick_options(url(), node());
  options.poll_minimum = options.poll_maximum = milliseconds(3'600'000);
  CentralLink link(options, host, system_clock());
  link.start();
  ASSERT_TRUE(host.wait_until([&] { return link.state().listening; }));
  const std::string old = value("SELECT pid FROM pg_stat_activity WHERE application_name = 'vividd listen'");
  sql("SELECT pg_terminate_backend(" + old + ")");
  ASSERT_TRUE(host.wait_until([&] {
    const std::string now = value("SELECT pid FROM pg_stat_activity WHERE application_name = 'vividd listen'");
    return !now.empty() && now != old && link.state().listening;
  }));
  EXPECT_EQ(link.state().reconnects, 0);
  const std::string id = add_request();
  EXPECT_TRUE(host.wait_until([&] { return host.accepted().contains(id); }));
}

TEST_F(LinkOutage, ClaimsByPollingWhereItMayNotListen) {
  // Nobody notifies: as behind a pooler that swallows it.
  sql("DROP TRIGGER vividd_hint_new ON content_requests");
  MemoryHost host;
  CentralLink link(quick_options(url(), node()), host, system_clock());
  link.start();
  ASSERT_TRUE(host.wait_until([&] { return link.state().listening; }));
  const std::string id = add_request();
  EXPECT_TRUE(host.wait_until([&] { return host.accepted().contains(id); }));
}

TEST_F(LinkOutage, SaysWhatIsMissingAndGoesOnOnceTheSchemaIsMigrated) {
  const std::string bare = database_ + "_bare";
  ASSERT_TRUE(server().create_database(bare));
  Heard heard;
  MemoryHost host;
  CentralLink link(quick_options(server().url(bare), node()), host, system_clock());
  link.start();
  ASSERT_TRUE(host.wait_until([&] { return !link.state().last_error.empty(); }));
  EXPECT_THAT(link.state().last_error, HasSubstr("run vividctl migrate up"));
  EXPECT_FALSE(link.state().connected);
  std::this_thread::sleep_for(milliseconds(1'500));  // some tries later
  EXPECT_EQ(heard.count(log::Level::error, "run vividctl migrate up"), 1);

  sync::MigratorOptions options;
  options.url = server().url(bare);
  auto migrator = sync::Migrator::connect(options, system_clock());
  ASSERT_TRUE(migrator);
  ASSERT_TRUE(migrator->migrate(true, std::nullopt));
  EXPECT_TRUE(host.wait_until([&] { return link.state().connected; }));
  EXPECT_EQ(link.state().last_error, "");
}

TEST_F(LinkOutage, SaysThatItsRoleOrDatabaseIsMissing) {
  for (const auto& [url_text, word] : std::map<std::string, std::string>{{server().url("nowhere"), "not_found"},
                                                                         {url_as("nobody_at_all"), "not_found"}}) {
    Heard heard;
    MemoryHost host;
    CentralLink link(quick_options(url_text, node()), host, system_clock());
    link.start();
    ASSERT_TRUE(host.wait_until([&] { return !link.state().last_error.empty(); }));
    EXPECT_THAT(link.state().last_error, HasSubstr(word));
    EXPECT_THAT(link.state().last_error, HasSubstr("does not exist"));
    link.stop();
    EXPECT_EQ(heard.count(log::Level::error, "needs attention"), 1);
  }
}

TEST_F(LinkOutage, DeliversAgainToAnotherServer) {
  MemoryHost host;
  host.finishes_at_once = true;
  const std::string id = add_request();
  {
    CentralLink link(quick_options(url(), node()), host, system_clock());
    link.start();
    ASSERT_TRUE(host.wait_until([&] { return host.verdicts()[Verdict::applied] == 1; }));
    EXPECT_EQ(host.told_to_deliver_again(), 0);
  }
  const std::string identity = host.known_server();
  EXPECT_NE(identity, "");
  ASSERT_TRUE(host.remember_server("6000000000000000000/1"));
  CentralLink link(quick_options(url(), node()), host, system_clock());
  link.start();
  EXPECT_TRUE(host.wait_until([&] { return host.verdicts()[Verdict::duplicate] == 1; }));
  EXPECT_EQ(host.told_to_deliver_again(), 1);
  EXPECT_EQ(host.known_server(), identity);
  EXPECT_EQ(value("SELECT status FROM content_requests WHERE id = '" + id + "'"), "completed");
}

TEST_F(LinkOutage, KeepsItsLeasesWhileARequestIsLockedBySomebody) {
  const std::string id = add_request();
  MemoryHost host;
  LinkOptions options = quick_options(url(), node());
  options.statement_timeout = milliseconds(500);
  CentralLink link(options, host, system_clock());
  link.start();
  ASSERT_TRUE(host.wait_until([&] { return host.accepted().contains(id); }));
  sync::Session other = open();
  ASSERT_TRUE(other.run("SET idle_in_transaction_session_timeout = 0"));
  ASSERT_TRUE(other.run("BEGIN"));
  ASSERT_TRUE(other.run("SELECT 1 FROM content_requests WHERE id = '" + id + "' FOR UPDATE"));
  host.finish(id);
  link.wake();
  for (int renewals = 0; renewals < 3; ++renewals) {
    const std::string before = value("SELECT leased_until FROM vividd.request_lease");
    EXPECT_TRUE(host.wait_until(
        [&] { return value("SELECT leased_until > '" + before + "' FROM vividd.request_lease") == "t"; }));
  }
  EXPECT_TRUE(link.state().connected);
  ASSERT_TRUE(other.run("COMMIT"));
  EXPECT_TRUE(host.wait_until([&] { return host.verdicts()[Verdict::applied] == 1; }));
}

}  // namespace
}  // namespace vivid::test
