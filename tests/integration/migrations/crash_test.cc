// Runners that are killed, that meet, and that find the way barred.
#include <gmock/gmock.h>
#include <pqxx/pqxx>

#include <chrono>
#include <random>
#include <set>

#include "tests/integration/migrations/migration_fixture.h"

namespace vivid::test {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

class Crash : public MigrationTest {
 protected:
  // Kills run after run at random instants until one comes through. Gives the revisions a kill has left unfinished.
  std::set<std::string> kill_until_done(const std::vector<std::string>& arguments, std::mt19937& random) const {
    std::set<std::string> unfinished;
    for (int runs = 0; runs < 400; ++runs) {
      Child run(command(arguments));
      // Lines are steps done; a little later is within a step.
      const bool more = run.wait_for_lines(1 + random() % 3);
      if (more) {
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 20'000));
        run.kill_hard();
      }
      if (run.wait() == 0) return unfinished;
      unfinished.insert(
          value("SELECT string_agg(state || ' ' || revision, ',') FROM vividd.migration"
                " WHERE state <> 'applied'"));
    }
    ADD_FAILURE() << "never comes through";
    return unfinished;
  }
};

TEST_F(Crash, InTheMiddleOfEachRevisionLosesNothing) {
  const unsigned seed_value = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed_value));
  std::mt19937 random(seed_value);
  must({"up", "--to", "1"});
  seed(20'000);
  const auto first = fingerprints();
  std::set<std::string> unfinished = kill_until_done({"up", "--to", "3"}, random);
  must({"verify"});
  vary_modalities();
  const auto before = fingerprints();
  unfinished.merge(kill_until_done({"down", "--to", "1"}, random));
  auto last = fingerprints();
  EXPECT_EQ(last, first);
  unfinished.merge(kill_until_done({"up"}, random));
  must({"verify"});
  must({"down", "--to", "3"});
  EXPECT_EQ(fingerprints(), before);
  for (const char* one : {"applying 2", "applying 3", "applying 4", "reverting 3", "reverting 2"}) {
    EXPECT_TRUE(unfinished.contains(one)) << "no kill hit " << one;
  }
}

TEST_F(Crash, LeavesAnIndexThatIsNotValidAndTheNextRunReplacesIt) {
  must({"up", "--to", "1"});
  seed(5000);
  pqxx::connection other(url());
  {
    // An open transaction that has written keeps the index build waiting.
    pqxx::work transaction(other);
    Child run(command({"up", "--to", "2"}));
    ASSERT_TRUE(run.wait_for_text("not_null"));
    transaction.exec(
        "UPDATE topics SET name = 'x'; UPDATE content_requests SET topic = 'x' WHERE correlation_id = 'seed-1'");
    for (int i = 0; i < 6000 && value("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == "0"; ++i) {
      std::this_thread::sleep_for(milliseconds(10));
    }
    run.kill_hard();
    run.wait();
    // The server finds out that its client is gone, and stops.
    const std::string building = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX%'";
    for (int i = 0; i < 6000 && value(building) != "0"; ++i) std::this_thread::sleep_for(milliseconds(10));
    ASSERT_EQ(value(building), "0");
  }
  ASSERT_EQ(value("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), "1");
  const Ended ended = migrate({"up", "--to", "2"});
  EXPECT_EQ(ended.exit, 0) << ended.output;
  EXPECT_THAT(ended.output, HasSubstr("removes what an interrupted build has left"));
  EXPECT_EQ(value("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), "0");
  must({"verify"});
}

TEST_F(Crash, OfTheServerIsResumed) {
  must({"up", "--to", "1"});
  seed(20'000);
  {
    // An index build waits for whoever reads an older snapshot: it has not come to its end.
    pqxx::connection other(url());
    pqxx::transaction<pqxx::isolation_level::repeatable_read> reader(other);
    reader.exec("SELECT 1");
    Child run(command({"up"}));
    ASSERT_TRUE(run.wait_for_text("columns"));
    ASSERT_TRUE(server_->stop(SIGQUIT));
    EXPECT_EQ(run.wait(), 3) << run.output();
  }
  ASSERT_TRUE(server_->start_again());
  must({"up"});
  must({"verify"});
}

TEST_F(Crash, HalfWayOnlyTheSameDirectionGoesOn) {
  must({"up", "--to", "1"});
  seed(20'000);
  {
    // An index build waits for whoever reads an older snapshot: it has not come to its end.
    pqxx::connection other(url());
    pqxx::transaction<pqxx::isolation_level::repeatable_read> reader(other);
    reader.exec("SELECT 1");
    Child run(command({"up"}));
    ASSERT_TRUE(run.wait_for_text("0002_dual_modality columns"));
    run.kill_hard();
    run.wait();
  }
  const Ended ended = migrate({"down"});
  EXPECT_EQ(ended.exit, 1);
  EXPECT_THAT(ended.output, HasSubstr("half applied; finish it with 'migrate up' first"));
  EXPECT_THAT(migrate({"verify"}).output, HasSubstr("is unfinished (applying)"));
  must({"up"});
}

TEST_F(Crash, TwoRunnersAtOnceDoTheWorkOnce) {
  must({"up", "--to", "1"});
  seed(20'000);
  Child first(command({"up"}));
  Child second(command({"up"}));
  EXPECT_EQ(first.wait(), 0) << first.output();
  EXPECT_EQ(second.wait(), 0) << second.output();
  EXPECT_THAT(first.output() + second.output(), HasSubstr("waits for another migration to end (pid"));
  EXPECT_THAT(first.output() + second.output(), HasSubstr("nothing to do"));
  EXPECT_EQ(
      value("SELECT string_agg(revision::text, ',' ORDER BY id) FROM vividd.migration_log WHERE action = 'applied'"),
      "1,2,3,4");
}

TEST_F(Crash, ALongTransactionIsWaitedForWithoutHoldingUpWriters) {
  must({"up", "--to", "1"});
  seed(1000);
  pqxx::connection long_connection(url());
  auto reader = std::make_unique<pqxx::work>(long_connection);
  reader->exec("SELECT count(*) FROM content_requests");
  Child run(command({"up", "--to", "2"}));
  ASSERT_TRUE(run.wait_for_text("waits for a lock"));
  // Writers queue behind each try for no longer than its timeout, not until the reader ends.
  pqxx::connection writer(url());
  for (int i = 0; i < 100; ++i) {
    pqxx::work work(writer);
    work.exec("SET LOCAL statement_timeout = '30s'");
    work.exec("INSERT INTO content_requests (correlation_id, student_id, topic) VALUES ('w" + std::to_string(i) +
              "', 'user-1', 't')");
    work.commit();
    std::this_thread::sleep_for(milliseconds(5));
  }
  reader.reset();
  EXPECT_EQ(run.wait(), 0) << run.output();
  EXPECT_THAT(run.output(), HasSubstr("oldest transaction: pid"));
}

TEST_F(Crash, PatienceEndsAndTheNextRunGoesOn) {
  must({"up", "--to", "1"});
  seed(100);
  pqxx::connection long_connection(url());
  auto reader = std::make_unique<pqxx::work>(long_connection);
  reader->exec("SELECT count(*) FROM content_requests");
  const Ended ended = migrate({"up", "--patience", "1s"});
  EXPECT_EQ(ended.exit, 7) << ended.output;
  EXPECT_THAT(ended.output, HasSubstr("no lock to be had in 1 s"));
  reader.reset();
  must({"up"});
  must({"verify"});
}

}  // namespace
}  // namespace vivid::test
