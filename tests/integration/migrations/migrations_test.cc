// Up and down on a database nobody else uses.
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <pqxx/pqxx>
#include <sstream>

#include "tests/integration/migrations/migration_fixture.h"

namespace vivid::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Migrations = MigrationTest;

constexpr int kRequests = 20'000;

TEST_F(Migrations, MakeAnEmptyDatabaseAndFindItInOrder) {
  must({"up"});
  must({"verify"});
  const Ended status = migrate({"status", "--json"});
  const auto json = nlohmann::json::parse(status.output);
  EXPECT_EQ(json["current"], 4);
  for (const auto& revision : json["revisions"]) EXPECT_EQ(revision["state"], "applied");
  EXPECT_THAT(migrate({"up"}).output, HasSubstr("nothing to do"));
  EXPECT_EQ(value("SELECT count(*) FROM vividd.migration_log WHERE action = 'applied'"), "4");
}

TEST_F(Migrations, KeepEveryByteDownAndUpAgain) {
  must({"up", "--to", "1"});
  seed(kRequests);
  must({"up", "--to", "3"});
  vary_modalities();
  const auto before = fingerprints();
  must({"down", "--to", "1"});
  EXPECT_EQ(value("SELECT count(*) FROM content_requests_modality_backup WHERE holds_0002 AND holds_0003"),
            std::to_string(kRequests));
  EXPECT_EQ(value("SELECT count(*) FROM information_schema.columns WHERE column_name = 'requested_modalities'"
                  " AND table_name = 'content_requests'"),
            "0");
  EXPECT_THAT(migrate({"down", "--to", "1"}).output, HasSubstr("nothing to do"));
  must({"up", "--to", "3"});
  EXPECT_EQ(fingerprints(), before);
  EXPECT_EQ(value("SELECT count(*) FROM pg_tables WHERE tablename LIKE '%modality_backup'"), "0");
  must({"verify"});

  // By way of a single revision, too.
  must({"down"});
  must({"up", "--to", "3"});
  EXPECT_EQ(fingerprints(), before);
}

TEST_F(Migrations, KeepWhatIsWrittenBetweenDownAndUp) {
  must({"up", "--to", "1"});
  seed(100);
  must({"up", "--to", "3"});
  vary_modalities();
  must({"down", "--to", "1"});
  sql("DELETE FROM content_requests WHERE correlation_id = 'seed-2';"
      "INSERT INTO content_requests (correlation_id, student_id, topic) VALUES ('new', 'user-1', 'New')");
  must({"up", "--to", "3"});
  EXPECT_EQ(value("SELECT requested_modalities FROM content_requests WHERE correlation_id = 'new'"), "[\"video\"]");
  EXPECT_EQ(value("SELECT preferred_modality FROM content_requests WHERE correlation_id = 'seed-3'"), "images");
  must({"verify"});
}

TEST_F(Migrations, FillTextContentFromTheScript) {
  must({"up", "--to", "1"});
  seed(5000);
  must({"up", "--to", "3"});
  EXPECT_EQ(value("SELECT count(*) FROM content_metadata WHERE text_content IS DISTINCT FROM script_content"), "0");
  EXPECT_NE(value("SELECT count(*) FROM content_metadata WHERE text_content IS NOT NULL"), "0");
}

TEST_F(Migrations, RefuseToDropTablesThatHoldRows) {
  must({"up", "--to", "1"});
  seed(10);
  const Ended ended = migrate({"down", "--to", "0"});
  EXPECT_EQ(ended.exit, 1);
  EXPECT_THAT(ended.output, HasSubstr("holds rows"));
  EXPECT_EQ(value("SELECT count(*) FROM content_requests"), "10");
  EXPECT_EQ(value("SELECT state FROM vividd.migration"), "applied");
}

TEST_F(Migrations, OutputFormatsFollowWhatBecomesReady) {
  must({"up"});
  seed(10);
  sql("INSERT INTO content_metadata (content_id, request_id, student_id, topic_id, title, status, supported_formats)"
      " SELECT 'c' || n, (SELECT id::text FROM content_requests WHERE correlation_id = 'seed-5'), 'user-1', 'topic', "
      "'t',"
      "  (ARRAY['generating', 'generating', 'failed'])[n]::content_status,"
      "  (ARRAY['[\"video\", \"audio\"]', '[\"text\", \"video\"]', '[\"images\"]'])[n]::jsonb FROM generate_series(1, "
      "3) n");
  const std::string formats = "SELECT output_formats FROM content_requests WHERE correlation_id = 'seed-5'";
  EXPECT_EQ(value(formats), "[]");
  sql("UPDATE content_metadata SET status = 'ready' WHERE content_id = 'c1'");
  EXPECT_EQ(value(formats), "[\"audio\", \"video\"]");
  sql("UPDATE content_metadata SET status = 'ready' WHERE content_id = 'c2'");
  EXPECT_EQ(value(formats), "[\"audio\", \"text\", \"video\"]");
  // A request id of another kind, formats of another type: no error, no change.
  sql("UPDATE content_metadata SET request_id = 'legacy-7', supported_formats = '{}' WHERE content_id = 'c1'");
  EXPECT_EQ(value("SELECT success_count FROM content_modality_usage_summary"), "2");
}

TEST_F(Migrations, WritersNeedNoRightsToWhatTriggersWrite) {
  must({"up", "--to", "3"});
  seed(10);
  sql("CREATE ROLE app; GRANT SELECT, INSERT, UPDATE ON content_metadata, users, topics TO app;"
      "SET ROLE app;"
      "UPDATE content_metadata SET supported_formats = '[\"text\"]'");
  EXPECT_EQ(value("SELECT output_formats FROM content_requests WHERE correlation_id = 'seed-1'"), "[\"text\"]");
  pqxx::connection reader_connection(url());
  auto reader = std::make_unique<pqxx::work>(reader_connection);
  reader->exec("SELECT * FROM request_metrics");
  // The down run saves everything, then waits for the reader; meanwhile the mirror is in place.
  Child run(command({"down"}));
  ASSERT_TRUE(run.wait_for_text("drop: waits for a lock"));
  sql("SET ROLE app; UPDATE content_metadata SET audio_url = 'gs://late'");
  reader.reset();
  EXPECT_EQ(run.wait(), 0) << run.output();
  EXPECT_EQ(value("SELECT DISTINCT audio_url FROM content_metadata_modality_backup"), "gs://late");
  must({"up", "--to", "3"});
  EXPECT_EQ(value("SELECT DISTINCT audio_url FROM content_metadata"), "gs://late");
}

TEST_F(Migrations, RunAsAnOwnerWhoIsNoSuperuser) {
  // A role of this name would find the daemon's schema before public.
  sql("CREATE ROLE vividd LOGIN; GRANT CREATE ON DATABASE vividly TO vividd; GRANT CREATE ON SCHEMA public TO vividd");
  const std::string owner = "host=" + server_->folder().string() + " user=vividd dbname=vividly";
  for (const char* way : {"up", "verify", "down", "up"}) {
    Child run({VIVIDCTL_PATH, "migrate", way, "--database", owner});
    EXPECT_EQ(run.wait(), 0) << run.output();
  }
  EXPECT_EQ(value("SELECT to_regclass('public.content_requests')"), "content_requests");
}

TEST_F(Migrations, RestoreCostsAndLeasesOfTheDaemon) {
  must({"up"});
  seed(10);
  sql("INSERT INTO vividd.request_cost (request_id, fence, kind, modality, quantity, unit, unit_price_usd)"
      " SELECT id, 1, 'script', 'text', 2, 'request', 0.0085 FROM content_requests;"
      "INSERT INTO vividd.metrics_touch (time_bucket, organization_id) VALUES ('2026-01-01', 'org');"
      "INSERT INTO vividd.request_lease (request_id, node_id, boot_id, path, leased_until)"
      " SELECT id, 'a', gen_random_uuid(), 'media', now() FROM content_requests");
  const std::string last_fence = value("SELECT max(fence) FROM vividd.request_lease");
  must({"down", "--to", "3"});
  must({"verify"});
  sql("DELETE FROM content_requests WHERE correlation_id = 'seed-1'");
  must({"up"});
  must({"verify"});
  EXPECT_EQ(value("SELECT sum(usd) FROM vividd.request_cost"), "0.1700");
  EXPECT_EQ(value("SELECT count(*) FROM vividd.request_lease"), "9");
  EXPECT_EQ(value("SELECT count(*) FROM vividd.metrics_touch"), "1");
  EXPECT_EQ(value("SELECT nextval('vividd.fence') > " + last_fence), "t");
}

TEST_F(Migrations, TellRenderHostsAboutNewAndCancelledRequests) {
  must({"up"});
  pqxx::connection listener(url());
  struct Receiver : pqxx::notification_receiver {
    using pqxx::notification_receiver::notification_receiver;
    void operator()(const std::string& payload, int) override { payloads.push_back(payload); }
    std::vector<std::string> payloads;
  };
  Receiver created(listener, "vividd_requests");
  Receiver cancelled(listener, "vividd_cancelled");
  {
    pqxx::nontransaction work(listener);
    work.exec("SELECT 1");
  }
  seed(10);
  sql("UPDATE content_requests SET status = 'cancelled' WHERE correlation_id = 'seed-1'");
  while (cancelled.payloads.empty()) ASSERT_GT(listener.await_notification(10, 0), 0);
  EXPECT_FALSE(created.payloads.empty());
  EXPECT_EQ(cancelled.payloads.front(), value("SELECT id FROM content_requests WHERE correlation_id = 'seed-1'"));
}

TEST_F(Migrations, PrintTheSqlInsteadOfRunningIt) {
  const Ended ended = migrate({"up", "--dry-run"});
  EXPECT_EQ(ended.exit, 0);
  EXPECT_THAT(ended.output, HasSubstr("CREATE INDEX CONCURRENTLY"));
  EXPECT_EQ(value("SELECT to_regclass('content_requests')"), "");
  EXPECT_EQ(value("SELECT to_regclass('vividd.migration')"), "");
}

TEST_F(Migrations, FindDrift) {
  must({"up"});
  sql("ALTER TABLE users ALTER language_preference DROP NOT NULL;"
      "DROP INDEX content_metadata_supported_formats;"
      "UPDATE pipeline_stage_definitions SET is_critical = true WHERE stage_name = 'audio_synthesis';"
      "UPDATE vividd.migration SET checksum = 'other' WHERE revision = 2");
  const Ended ended = migrate({"verify"});
  EXPECT_EQ(ended.exit, 1);
  EXPECT_THAT(ended.output, HasSubstr("column users.language_preference"));
  EXPECT_THAT(ended.output, HasSubstr("index on content_metadata (supported_formats)"));
  EXPECT_THAT(ended.output, HasSubstr("stage row audio_synthesis"));
  EXPECT_THAT(ended.output, HasSubstr("was made from another text"));
  EXPECT_EQ(migrate({"down"}).exit, 1);
}

TEST_F(Migrations, LeaveRevisionsOfANewerProgramAlone) {
  must({"up"});
  sql("INSERT INTO vividd.migration (revision, name, checksum, state) VALUES (5, 'later', 'x', 'applied')");
  for (const char* way : {"up", "down"}) {
    const Ended ended = migrate({way});
    EXPECT_EQ(ended.exit, 1);
    EXPECT_THAT(ended.output, HasSubstr("newer vividctl"));
  }
}

TEST_F(Migrations, SayPlainlyWhatIsWrongWithTheCommand) {
  EXPECT_EQ(migrate({"up", "--to", "9"}).exit, 1);
  Child nobody({VIVIDCTL_PATH, "migrate", "status", "--database", "postgresql://bob:hunter2@127.0.0.1:1/vividly"});
  EXPECT_EQ(nobody.wait(), 3);
  EXPECT_THAT(nobody.output(), Not(HasSubstr("hunter2")));
  Child malformed({VIVIDCTL_PATH, "migrate", "status", "--database", "postgresql:/bob:hunter2@db"});
  EXPECT_EQ(malformed.wait(), 2);
  EXPECT_THAT(malformed.output(), Not(HasSubstr("hunter2")));
  ::unsetenv("VIVIDCTL_DATABASE_URL");
  Child unnamed({VIVIDCTL_PATH, "migrate", "status"});
  EXPECT_EQ(unnamed.wait(), 2);
}

// The dump as blocks, each one object, without the settings and the farewell that may follow any of them.
std::map<std::string, std::string> objects_of(const std::string& dump) {
  std::map<std::string, std::string> objects;
  std::istringstream lines(dump);
  std::string name;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("-- Name: ")) name = line;
    const bool noise = line.empty() || line == "--" || line.starts_with("SET ") || line.starts_with("\\") ||
                       line.starts_with("-- PostgreSQL");
    if (!name.empty() && !noise) objects[name] += line + "\n";
  }
  return objects;
}

std::string names_of(const std::map<std::string, std::string>& objects) {
  std::string names;
  for (const auto& [name, block] : objects) names += name + "\n";
  return names;
}

TEST_F(Migrations, RevisionFourTouchesNothingButItsOwn) {
  must({"up", "--to", "3"});
  seed(100);
  const auto dump = [&] {
    Child run({PostgresServer::program("pg_dump"), "--dbname=" + url(), "--schema-only"});
    EXPECT_EQ(run.wait(), 0);
    return objects_of(run.output());
  };
  const auto before = dump();
  auto rows_before = fingerprints();
  must({"up"});
  const auto after = dump();
  auto rows_after = fingerprints();
  for (const auto& [name, block] : before) {
    ASSERT_TRUE(after.contains(name)) << name;
    EXPECT_EQ(after.at(name), block);
  }
  for (const auto& [name, block] : after) {
    EXPECT_TRUE(before.contains(name) || name.find("vividd") != std::string::npos) << block;
  }
  EXPECT_GT(after.size(), before.size());
  EXPECT_EQ(value("SELECT string_agg(topic_id, ',' ORDER BY topic_id) FROM topics"), "topic,unclassified");
  rows_before.erase("topics");
  rows_after.erase("topics");
  EXPECT_EQ(rows_after, rows_before);
  must({"down"});
  sql("DROP SCHEMA vividd_backup CASCADE");
  const auto last = dump();
  EXPECT_EQ(names_of(last), names_of(before));
  EXPECT_TRUE(last == before);
}

TEST_F(Migrations, EveryTableAndColumnOfTheDaemonIsExplained) {
  must({"up"});
  EXPECT_EQ(value("SELECT string_agg(c.oid::regclass || '.' || a.attname, ', ') FROM pg_class c"
                  " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum >= 0 AND NOT a.attisdropped"
                  " WHERE c.relnamespace = 'vividd'::regnamespace AND c.relkind = 'r'"
                  " AND (col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid, 'pg_class') IS NULL)"),
            "");
}

}  // namespace
}  // namespace vivid::test
