#include "tests/e2e/central_fixture.h"

#include <cstdlib>
#include <pqxx/pqxx>
#include <thread>

#include "base/files.h"
#include "base/uuid.h"

namespace vivid::e2e {
namespace {

using nlohmann::json;
constexpr std::chrono::milliseconds kPoll{50};
constexpr std::uint64_t kMaxSqlBytes = 1 << 20;

}  // namespace

void Central::SetUp() {
  auto server = test::PostgresServer::start();
  if (!server && server.error().code == ErrorCode::unsupported) GTEST_SKIP() << server.error().message;
  ASSERT_TRUE(server) << server.error().describe();
  server_ = std::move(*server);
  ASSERT_TRUE(server_->create_database("vividly"));
  const std::string migrate =
      std::string(VIVID_BINARY_DIR) + "/bin/vividctl migrate up --database \"" + url() + "\" >/dev/null";
  ASSERT_EQ(std::system(migrate.c_str()), 0);
  // The daemon does everything with the rights that operators are told to give it.
  const auto rights = read_file(VIVID_SOURCE_DIR "/docs/daemon_rights.sql", kMaxSqlBytes);
  ASSERT_TRUE(rights) << rights.error().describe();
  sql("CREATE ROLE vividd LOGIN;" + *rights);
  sql("INSERT INTO organizations (organization_id, name) VALUES ('org', 'School');"
      "INSERT INTO users (user_id, email, password_hash, first_name, last_name, role, organization_id, grade_level,"
      " accessibility_settings, language_preference) VALUES ('student', 's@example.org', 'x', 'A', 'B', 'student',"
      " 'org', 11, '{\"captions\": true, \"high_contrast\": true, \"font_size\": \"large\"}', 'en')");
}

std::string Central::url(const std::string& role) const {
  return "host=" + server_->folder().string() + " dbname=vividly user=" + role;
}

void Central::sql(const std::string& text) const {
  pqxx::connection connection(url());
  pqxx::nontransaction work(connection);
  work.exec("SET client_min_messages = warning;" + text);
}

std::string Central::value(const std::string& query) const {
  pqxx::connection connection(url());
  pqxx::nontransaction work(connection);
  const pqxx::result rows = work.exec(query);
  return rows.empty() ? "" : rows[0][0].as<std::string>("");
}

std::string Central::of(const std::string& id, const std::string& column) const {
  return value("SELECT " + column + " FROM content_requests WHERE id = '" + id + "'");
}

bool Central::wait_for(const std::string& query, const std::string& wanted, std::chrono::milliseconds limit) const {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (value(query) != wanted) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(kPoll);
  }
  return true;
}

bool Central::wait_for_status(const std::string& id, const std::string& status) const {
  return wait_for("SELECT status FROM content_requests WHERE id = '" + id + "'", status, std::chrono::minutes(1));
}

std::string Central::insert(const std::string& modalities, const json& metadata, const std::string& grade) const {
  const std::string id = Uuid::random().to_text();
  sql("INSERT INTO content_requests (id, correlation_id, student_id, topic, learning_objective, grade_level,"
      " organization_id, requested_modalities, preferred_modality, request_metadata) VALUES ('" +
      id + "', 'req-" + id + "', 'student', 'Forces', 'Name the partner of each force', '" + grade + "', 'org', '" +
      modalities + "', 'video', $json$" + metadata.dump() + "$json$)");
  return id;
}

std::string Central::audit() const {
  const auto query = read_file(VIVID_SOURCE_DIR "/docs/audit.sql", kMaxSqlBytes);
  if (!query) return query.error().describe();
  pqxx::connection connection(url());
  pqxx::nontransaction work(connection);
  std::string findings;
  for (const pqxx::row& row : work.exec(*query)) {
    for (const pqxx::field& field : row) findings += field.as<std::string>("") + " ";
    findings += "\n";
  }
  return findings;
}

void Central::configure(DaemonProcess& daemon) const {
  daemon.set("VIVIDD_CENTRAL_DATABASE", url("vividd"));
  daemon.set("VIVIDD_CENTRAL_POLL_MINIMUM", "200ms");
  daemon.set("VIVIDD_CENTRAL_POLL_MAXIMUM", "400ms");
  daemon.set("VIVIDD_CENTRAL_LEASE", "6s");
  daemon.set("VIVIDD_CENTRAL_RENEW_INTERVAL", "1s");
  daemon.set("VIVIDD_CENTRAL_STATEMENT_TIMEOUT", "3s");
  daemon.set("VIVIDD_HOST_NAME", "host-a");
}

}  // namespace vivid::e2e
