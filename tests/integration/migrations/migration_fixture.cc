#include "tests/integration/migrations/migration_fixture.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <pqxx/pqxx>

namespace vivid::test {

Child::Child(const std::vector<std::string>& command) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return;
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(ends[1], STDOUT_FILENO);
    ::dup2(ends[1], STDERR_FILENO);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  fd_ = ends[0];
  reader_ = std::thread([this] {
    char bytes[4096];
    for (;;) {
      const ssize_t got = ::read(fd_, bytes, sizeof bytes);
      const std::lock_guard lock(mutex_);
      if (got > 0) output_.append(bytes, static_cast<std::size_t>(got));
      ended_ = got <= 0;
      changed_.notify_all();
      if (ended_) return;
    }
  });
}

Child::~Child() {
  if (pid_ > 0) {
    kill_hard();
    wait();
  }
  if (fd_ >= 0) ::close(fd_);
}

template <typename Condition>
bool Child::wait_until(Condition&& condition) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return ended_ || condition(); });
  return condition();
}

bool Child::wait_for_lines(std::size_t count) {
  return wait_until(
      [&] { return static_cast<std::size_t>(std::count(output_.begin(), output_.end(), '\n')) >= count; });
}

bool Child::wait_for_text(const std::string& text) {
  return wait_until([&] { return output_.find(text) != std::string::npos; });
}

void Child::kill_hard() const { ::kill(pid_, SIGKILL); }

int Child::wait() {
  if (reader_.joinable()) reader_.join();
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void MigrationTest::SetUp() {
  auto server = PostgresServer::start({"fsync=off", "max_connections=40", "log_lock_waits=on"});
  if (!server && server.error().code == ErrorCode::unsupported) GTEST_SKIP() << server.error().message;
  ASSERT_TRUE(server) << server.error().message;
  server_ = std::move(*server);
  const Status created = server_->create_database("vividly");
  ASSERT_TRUE(created) << created.error().message;
}

std::vector<std::string> MigrationTest::command(const std::vector<std::string>& arguments) const {
  std::vector<std::string> whole{VIVIDCTL_PATH, "migrate"};
  whole.insert(whole.end(), arguments.begin(), arguments.end());
  whole.insert(whole.end(), {"--database", url()});
  return whole;
}

Ended MigrationTest::migrate(const std::vector<std::string>& arguments) const {
  Child run(command(arguments));
  const int exit = run.wait();
  return {exit, run.output()};
}

void MigrationTest::must(const std::vector<std::string>& arguments) const {
  const Ended ended = migrate(arguments);
  ASSERT_EQ(ended.exit, 0) << ended.output;
}

void MigrationTest::sql(const std::string& text) const {
  pqxx::connection connection(url());
  pqxx::nontransaction work(connection);
  work.exec("SET client_min_messages = warning;" + text);
}

std::string MigrationTest::value(const std::string& query) const {
  pqxx::connection connection(url());
  pqxx::nontransaction work(connection);
  const pqxx::result rows = work.exec(query);
  return rows.empty() ? "" : rows[0][0].as<std::string>("");
}

void MigrationTest::seed(int requests) const {
  const std::string count = std::to_string(requests);
  sql("INSERT INTO organizations (organization_id, name) VALUES ('org', 'School');"
      "INSERT INTO users (user_id, email, password_hash, first_name, last_name, role, organization_id, archived)"
      " SELECT 'user-' || i, 'u' || i || '@example.org', 'x', 'A', 'B', 'student', 'org', NULLIF(i % 3, 2) = 1"
      " FROM generate_series(1, greatest(10, " +
      count +
      " / 20)) AS i;"
      "INSERT INTO topics (topic_id, subject, unit, name) VALUES ('topic', 'physics', 'Forces', 'Newton');"
      "INSERT INTO content_requests (correlation_id, student_id, topic, status, created_at, started_at, completed_at)"
      " SELECT 'seed-' || i, 'user-' || (1 + i % 10), 'Topic ' || i,"
      "  (enum_range(NULL::content_request_status))[1 + i % 10], timestamp '2026-01-01' + i * interval '1 s',"
      "  timestamp '2026-01-01' + i * interval '1 s', timestamp '2026-01-01' + i * interval '3 s'"
      " FROM generate_series(1, " +
      count +
      ") AS i;"
      "INSERT INTO content_metadata (content_id, request_id, student_id, topic_id, title, script_content, status)"
      " SELECT 'content-' || row_number() OVER (), id::text, student_id, 'topic', topic,"
      "  CASE WHEN random() < 0.8 THEN repeat('words ', 40) END, 'ready'"
      " FROM content_requests ORDER BY created_at LIMIT " +
      count +
      " / 10;"
      "INSERT INTO request_metrics (time_bucket, organization_id, total_requests)"
      " SELECT timestamp '2026-01-01' + i * interval '1 h', CASE WHEN i % 2 = 0 THEN 'org' END, i"
      " FROM generate_series(1, 100) AS i;"
      "ANALYZE");
}

void MigrationTest::vary_modalities() const {
  sql("UPDATE content_requests SET"
      "  requested_modalities = CASE WHEN ascii(right(correlation_id, 1)) % 2 = 0 THEN '[\"text\", \"audio\"]'"
      "                              ELSE '[\"images\"]' END::jsonb,"
      "  preferred_modality = CASE WHEN ascii(right(correlation_id, 1)) % 2 = 0 THEN 'audio' ELSE 'images' END,"
      "  modality_preferences = jsonb_build_object('audio', jsonb_build_object('voice', correlation_id)),"
      "  output_formats = CASE ascii(right(correlation_id, 1)) % 3 WHEN 0 THEN NULL WHEN 1 THEN '[]'"
      "                   ELSE '[\"text\"]' END::jsonb"
      " WHERE correlation_id LIKE '%2' OR correlation_id LIKE '%3' OR correlation_id LIKE '%4';"
      "UPDATE content_metadata SET modality_type = 'text', text_language = NULL, audio_url = 'gs://a/' || content_id,"
      "  audio_language = 'de', audio_duration_seconds = length(content_id), captions_url = 'gs://c/' || content_id,"
      "  captions_format = NULL, image_urls = jsonb_build_array(content_id), supported_formats = '[\"text\", "
      "\"audio\"]',"
      "  text_content = CASE WHEN content_id LIKE '%5' THEN NULL ELSE 'other words ' || content_id END"
      " WHERE content_id LIKE '%5' OR content_id LIKE '%6';"
      "UPDATE users SET content_modality_preferences = '{\"default\": \"text\"}', language_preference = 'ar',"
      "  accessibility_settings = '{\"captions\": true, \"font_size\": 18}' WHERE user_id LIKE '%7';"
      "UPDATE request_metrics SET text_request_count = total_requests, audio_request_count = NULL,"
      "  video_request_count = 3, avg_text_duration_seconds = 1.25, avg_image_duration_seconds = 0 WHERE "
      "total_requests > 50;"
      "UPDATE pipeline_stage_definitions SET estimated_duration_seconds = 21, description = 'tuned'"
      " WHERE stage_name = 'text_generation'");
}

std::map<std::string, std::string> MigrationTest::fingerprints() const {
  pqxx::connection connection(url());
  pqxx::nontransaction work(connection);
  work.exec("SET TimeZone = 'UTC'");
  std::map<std::string, std::string> found;
  const pqxx::result tables = work.exec(
      "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '%_modality_backup'");
  for (const pqxx::row& row : tables) {
    const std::string table = row[0].as<std::string>();
    // By column name: what is added anew stands behind what somebody has added in between.
    const pqxx::result md5 =
        work.exec("SELECT md5(string_agg(to_jsonb(t)::text, E'\\n' ORDER BY to_jsonb(t)::text)) FROM " + table + " t");
    found[table] = md5[0][0].as<std::string>("empty");
  }
  return found;
}

}  // namespace vivid::test
