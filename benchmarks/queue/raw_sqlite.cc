#include "raw_sqlite.h"

#include <sqlite3.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "base/uuid.h"

namespace vivid::bench {
namespace {

class Raw {
 public:
  explicit Raw(const std::string& path) {
    check(sqlite3_open(path.c_str(), &connection_));
    check(sqlite3_exec(connection_,
                       "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                       "PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint=8192",
                       nullptr, nullptr, nullptr));
    sqlite3_stmt* last = prepare("SELECT coalesce(max(id), 0) FROM job");
    sqlite3_step(last);
    next_job_ = sqlite3_column_int64(last, 0) + 1;
    sqlite3_finalize(last);
    last = prepare("SELECT coalesce(max(seq), 0) FROM outbox");
    sqlite3_step(last);
    next_seq_ = sqlite3_column_int64(last, 0) + 1;
    sqlite3_finalize(last);
    begin_ = prepare("BEGIN IMMEDIATE");
    commit_ = prepare("COMMIT");
    job_ = prepare(
        "INSERT INTO job (id, uid, fence, correlation_id, class, priority, created_at, run_at, stage_count, state, "
        "payload)"
        " VALUES (?1, ?2, 1, 'c', 'video', 5, ?3, ?3, 1, 'queued', '{}') ON CONFLICT (uid) DO NOTHING");
    stage_ = prepare(
        "INSERT INTO stage (id, name, lane, rank, state, ready_since, critical, start_to_close_ms, silence_ms,"
        " max_attempts) VALUES (?1, 'render', 'bench', ?2, 'ready', ?2, 1, 600000, 60000, 3)");
    outbox_ = prepare(
        "INSERT OR REPLACE INTO outbox (seq, job_id, kind, stage, attempt, created_at, body) VALUES (?, ?, ?, ?, 0, ?, "
        "?)");
    pick_ = prepare(
        "SELECT s.id, j.uid FROM stage s CROSS JOIN job j ON j.id = s.id / 64 WHERE s.lane = 'bench'"
        " AND s.state = 'ready' AND s.run_at IS NULL ORDER BY s.rank, s.id LIMIT 1");
    lease_ = prepare(
        "UPDATE stage SET state = 'in_progress', attempt = attempt + 1, used = used + 1, boot_id = 1, holder_pid = 0,"
        " holder_start_ticks = 0, started_at = ?2 WHERE id = ?1");
    start_ = prepare("UPDATE job SET state = 'running', started_at = ?2 WHERE id = ?1");
    attempt_ = prepare(
        "INSERT INTO attempt (stage_id, attempt, ready_since, started_at, finished_at, outcome)"
        " VALUES (?1, 1, ?2, ?2, ?2, 'completed')");
    finish_stage_ =
        prepare("UPDATE stage SET state = 'completed', boot_id = NULL, finished_at = ?2, result = '{}' WHERE id = ?1");
    finish_job_ = prepare("UPDATE job SET state = 'completed', finished_at = ?2 WHERE id = ?1");
  }

  void cycle(int group) {
    submit(group);
    claim(group);
    complete();
  }

  void close() {
    for (sqlite3_stmt* statement : statements_) sqlite3_finalize(statement);
    sqlite3_close(connection_);
  }

 private:
  static std::int64_t now() {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
  void check(int code) {
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
    std::fprintf(stderr, "raw SQLite: %s\n", sqlite3_errmsg(connection_));
    std::exit(1);
  }
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v3(connection_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
    if (begin_ != nullptr || std::string(sql) == "BEGIN IMMEDIATE") statements_.push_back(statement);
    return statement;
  }
  void run(sqlite3_stmt* statement) {
    check(sqlite3_step(statement));
    sqlite3_reset(statement);
  }
  void run(sqlite3_stmt* statement, std::int64_t id) {
    sqlite3_bind_int64(statement, 1, id);
    sqlite3_bind_int64(statement, 2, time_);
    run(statement);
  }
  void put(std::int64_t job, const char* kind, const char* stage, const char* body) {
    sqlite3_bind_int64(outbox_, 1, next_seq_++);
    sqlite3_bind_int64(outbox_, 2, job);
    sqlite3_bind_text(outbox_, 3, kind, -1, SQLITE_STATIC);
    sqlite3_bind_text(outbox_, 4, stage, -1, SQLITE_STATIC);
    sqlite3_bind_int64(outbox_, 5, time_);
    sqlite3_bind_text(outbox_, 6, body, -1, SQLITE_STATIC);
    run(outbox_);
  }
  void submit(int group) {
    time_ = now();
    run(begin_);
    for (int i = 0; i < group; ++i) {
      const std::int64_t job = next_job_++;
      const std::string uid = Uuid::random().to_text();
      sqlite3_bind_int64(job_, 1, job);
      sqlite3_bind_text(job_, 2, uid.c_str(), -1, SQLITE_STATIC);
      sqlite3_bind_int64(job_, 3, time_);
      run(job_);
      run(stage_, job * 64);
      put(job, "accepted", "",
          R"({"class":"video","priority":5,"created_at_us":1800000000000000,"stages":["render"],"skipped":[]})");
    }
    run(commit_);
  }
  void claim(int group) {
    time_ = now();
    run(begin_);
    for (int i = 0; i < group; ++i) {
      check(sqlite3_step(pick_));
      const std::int64_t stage = sqlite3_column_int64(pick_, 0);
      sqlite3_reset(pick_);
      leased_.push_back(stage);
      run(lease_, stage);
      run(start_, stage / 64);
    }
    run(commit_);
  }
  void complete() {
    time_ = now();
    run(begin_);
    for (const std::int64_t stage : leased_) {
      run(attempt_, stage);
      run(finish_stage_, stage);
      put(stage / 64, "stage", "render",
          R"({"state":"completed","attempt":1,"started_at_us":1800000000000000,"finished_at_us":1800000000000000,"result":{}})");
      run(finish_job_, stage / 64);
      put(stage / 64, "final", "", R"({"state":"completed","finished_at_us":1800000000000000})");
    }
    leased_.clear();
    run(commit_);
  }

  sqlite3* connection_ = nullptr;
  std::vector<sqlite3_stmt*> statements_;
  sqlite3_stmt *begin_ = nullptr, *commit_ = nullptr, *job_ = nullptr, *stage_ = nullptr, *outbox_ = nullptr,
               *pick_ = nullptr, *lease_ = nullptr, *start_ = nullptr, *attempt_ = nullptr, *finish_stage_ = nullptr,
               *finish_job_ = nullptr;
  std::int64_t next_job_ = 1;
  std::int64_t next_seq_ = 1;
  std::int64_t time_ = 0;
  std::vector<std::int64_t> leased_;
};

}  // namespace

double raw_cycles_per_second(const std::string& path, int group, double seconds) {
  using Steady = std::chrono::steady_clock;
  Raw raw(path);
  raw.cycle(group);
  const Steady::time_point start = Steady::now();
  std::int64_t cycles = 0;
  double elapsed = 0;
  while (elapsed < seconds) {
    raw.cycle(group);
    cycles += group;
    elapsed = std::chrono::duration<double>(Steady::now() - start).count();
  }
  raw.close();
  return static_cast<double>(cycles) / elapsed;
}

}  // namespace vivid::bench
