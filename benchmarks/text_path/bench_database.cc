#include "bench_database.h"

#include <cstdio>
#include <cstdlib>

#include "child.h"

namespace vivid::bench {
namespace {

std::vector<sync::SqlRow> rows_or_end(sync::Session& session, const std::string& sql, const sync::SqlRow& parameters) {
  auto rows = parameters.empty() ? session.run(sql) : session.run(sql, parameters);
  if (!rows) give_up(rows.error().message + " in " + sql.substr(0, 200));
  return std::move(*rows);
}

// Students and topics as a school has them.
constexpr const char* kPeople = R"sql(
INSERT INTO organizations (organization_id, name) VALUES ('org', 'School');
INSERT INTO users (user_id, email, password_hash, first_name, last_name, role, organization_id, grade_level)
SELECT 'student_' || i, 'student_' || i || '@example.org', 'x', 'A', 'B', 'student', 'org', 10
  FROM generate_series(0, 999) AS i;
INSERT INTO topics (topic_id, subject, unit, name)
SELECT 'topic_' || i, 'biology', 'Cells', 'Topic ' || i FROM generate_series(0, 499) AS i;
INSERT INTO interests (interest_id, name) VALUES ('cooking', 'Cooking'))sql";

}  // namespace

void give_up(const std::string& why) {
  std::fprintf(stderr, "text_path_bench: %s\n", why.c_str());
  std::exit(1);
}

Database::Database() : server_(need(test::PostgresServer::start(kServerSettings))) {
  if (const Status made = server_->create_database("vividly"); !made) give_up(made.error().describe());
  const Status migrated =
      run_to_end({{std::string(VIVID_BINARY_DIR) + "/bin/vividctl", "migrate", "up", "--database", url()},
                  {},
                  {},
                  server_->folder() / "migrate.log"});
  if (!migrated) give_up(migrated.error().describe());
  session_ = std::make_unique<sync::Session>(connect());
  rows(kPeople);
}

sync::Session Database::connect() const {
  sync::SessionOptions options;
  options.url = url();
  options.application_name = "bench";
  options.idle_in_transaction_timeout = std::chrono::milliseconds(0);
  return need(sync::Session::open(options));
}

std::vector<sync::SqlRow> Database::rows(const std::string& sql, const sync::SqlRow& parameters) {
  return rows_or_end(*session_, sql, parameters);
}

std::string Database::value(const std::string& sql, const sync::SqlRow& parameters) {
  const auto all = rows(sql, parameters);
  return all.empty() ? std::string() : all.front().front().value_or("");
}

double Database::number(const std::string& sql, const sync::SqlRow& parameters) {
  return std::strtod(value(sql, parameters).c_str(), nullptr);
}

void Database::settle() {
  for (const char* table : {"content_requests", "request_stages", "request_events", "content_metadata",
                            "vividd.request_lease", "vividd.request_cost", "vividd.request_usage"}) {
    rows(std::string("VACUUM (ANALYZE, SKIP_LOCKED) ") + table);
  }
  rows("CHECKPOINT");
}

}  // namespace vivid::bench
