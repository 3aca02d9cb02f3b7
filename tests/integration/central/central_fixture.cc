#include "tests/integration/central/central_fixture.h"

#include <atomic>

#include "sync/central/migrate/migrator.h"

namespace vivid::test {
namespace {

using sync::Session;
using sync::SqlRow;
using sync::SqlText;

constexpr const char* kTemplate = "vividly_template";

// Of the whole program: making a cluster takes longer than a test.
struct Shared {
  std::unique_ptr<PostgresServer> server;
  std::string skip;
  std::string error;
};

Status make_template(PostgresServer& server) {
  VIVID_TRY(server.create_database(kTemplate));
  sync::MigratorOptions options;
  options.url = server.url(kTemplate);
  VIVID_ASSIGN(sync::Migrator migrator, sync::Migrator::connect(options, system_clock()));
  if (const auto migrated = migrator.migrate(true, std::nullopt); !migrated) {
    return tl::make_unexpected(migrated.error());
  }
  return {};
}

Shared& shared() {
  static Shared instance = [] {
    Shared made;
    auto server = PostgresServer::start({"fsync=off", "max_connections=60"});
    if (!server) {
      (server.error().code == ErrorCode::unsupported ? made.skip : made.error) = server.error().message;
      return made;
    }
    made.server = std::move(*server);
    if (const Status ready = make_template(*made.server); !ready) made.error = ready.error().message;
    return made;
  }();
  return instance;
}

SqlText or_null(const std::string& text) { return text.empty() ? SqlText() : SqlText(text); }

constexpr const char* kCatalogue =
    "INSERT INTO organizations (organization_id, name) VALUES ('org', 'School');"
    "INSERT INTO users (user_id, email, password_hash, first_name, last_name, role, organization_id, grade_level)"
    " VALUES ('student', 'student@example.org', 'x', 'Ada', 'Lovelace', 'student', 'org', 10);"
    "INSERT INTO topics (topic_id, subject, unit, name) VALUES"
    " ('newton', 'physics', 'Forces', 'Newton''s laws'), ('photosynthesis', 'biology', 'Plants', 'Photosynthesis');"
    "INSERT INTO interests (interest_id, name, category) VALUES ('basketball', 'Basketball', 'sport')";

}  // namespace

void CentralTest::SetUp() {
  if (!shared().skip.empty()) GTEST_SKIP() << shared().skip;
  ASSERT_EQ(shared().error, "");
  static std::atomic<int> number = 0;
  database_ = "vividly_" + std::to_string(++number);
  sync::SessionOptions options;
  options.url = server().url();
  Session session = open(options);
  const auto made = session.run("CREATE DATABASE " + database_ + " TEMPLATE " + kTemplate);
  ASSERT_TRUE(made) << made.error().message;
  sql(kCatalogue);
}

void CentralTest::TearDown() {
  if (database_.empty() || IsSkipped()) return;
  sync::SessionOptions options;
  options.url = server().url();
  if (auto session = Session::open(options)) (void)session->run("DROP DATABASE " + database_ + " (FORCE)").has_value();
}

PostgresServer& CentralTest::server() const { return *shared().server; }

std::string CentralTest::url_as(const std::string& role) const {
  return "host=" + server().folder().string() + " user=" + role + " dbname=" + database_;
}

sync::SessionOptions CentralTest::session_options() const {
  sync::SessionOptions options;
  options.url = url();
  options.application_name = "test";
  options.statement_timeout = std::chrono::seconds(30);
  return options;
}

Session CentralTest::open(const sync::SessionOptions& options) const {
  Result<Session> session = Session::open(options);
  if (!session) {
    ADD_FAILURE() << session.error().message;
    throw std::runtime_error(session.error().message);
  }
  return std::move(*session);
}

void CentralTest::sql(const std::string& text) const {
  const auto done = open().run(text);
  ASSERT_TRUE(done) << done.error().message << "\n" << text;
}

std::string CentralTest::value(const std::string& query) const {
  const auto rows = open().run(query);
  if (!rows) {
    ADD_FAILURE() << rows.error().message << "\n" << query;
    return "";
  }
  return rows->empty() ? "" : rows->front().front().value_or("");
}

void CentralTest::add_user(const std::string& user_id, const std::string& organization_id) const {
  const auto done = open().run(
      "INSERT INTO users (user_id, email, password_hash, first_name, last_name, role, organization_id, grade_level)"
      " VALUES ($1::text, $1::text || '@example.org', 'x', 'A', 'B', 'student', $2, 10)",
      SqlRow{user_id, or_null(organization_id)});
  ASSERT_TRUE(done) << done.error().message;
}

std::string CentralTest::add_request(const RequestRow& row) const {
  const auto added = open().run(
      "INSERT INTO content_requests (correlation_id, topic, student_id, organization_id, requested_modalities,"
      "  preferred_modality, modality_preferences, request_metadata, status, created_at, grade_level)"
      " VALUES (gen_random_uuid()::text, $1, $2, $3, $4::jsonb, $5, $6::jsonb, $7::jsonb,"
      "  $8::content_request_status, COALESCE($9::timestamp, now() AT TIME ZONE 'UTC'), '10') RETURNING id",
      SqlRow{row.topic, row.student_id, or_null(row.organization_id), row.modalities, row.preferred, row.preferences,
             or_null(row.metadata), row.status, or_null(row.created_at)});
  if (!added) {
    ADD_FAILURE() << added.error().message;
    return "";
  }
  return *added->front().front();
}

void CentralTest::add_text_requests(int how_many) const {
  sql("INSERT INTO content_requests (correlation_id, topic, student_id, organization_id, requested_modalities,"
      "  preferred_modality, created_at)"
      " SELECT 'text-' || i, 'Topic ' || i, 'student', 'org', '[\"text\"]', 'text',"
      "  timestamp '2026-01-01' + i * interval '1 second' FROM generate_series(1, " +
      std::to_string(how_many) + ") AS i");
}

sync::NodeIdentity CentralTest::node(const std::string& name, int pid) const {
  sync::NodeIdentity identity;
  identity.node_id = name;
  identity.host = name + ".example.org";
  identity.boot_id = "00000000-0000-4000-8000-00000000b007";
  identity.pid = pid;
  identity.version = "1.2.3";
  return identity;
}

void CentralTest::open_gate() const {
  sql("UPDATE vividd.renewal_gate SET accepting_since = '2000-01-01', last_renewal_at = now() + interval '1 hour'");
}

void CentralTest::lapse(const std::string& request_id) const {
  sql("UPDATE vividd.request_lease SET leased_until = now() - interval '1 second' WHERE request_id = '" + request_id +
      "'");
}

}  // namespace vivid::test
