#include "sync/central/migrate/ledger.h"

#include <cstdlib>

// VIVID_TRY returns the error of what fails, here a SqlError.
namespace vivid::sync {
namespace {

constexpr const char* kCreate = R"sql(
CREATE SCHEMA IF NOT EXISTS vividd;
CREATE TABLE IF NOT EXISTS vividd.migration (
    revision    int PRIMARY KEY,
    name        text NOT NULL,
    checksum    text NOT NULL,
    state       text NOT NULL CHECK (state IN ('applying', 'applied', 'reverting')),
    steps_done  int NOT NULL DEFAULT 0,
    cursor      text,
    adopted     boolean NOT NULL DEFAULT false,
    started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    applied_at  timestamptz,
    applied_by  text NOT NULL DEFAULT current_user,
    duration_ms bigint NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS vividd.migration_log (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    revision    int NOT NULL,
    action      text NOT NULL,
    step        text,
    duration_ms bigint,
    row_count   bigint,
    by_role     text NOT NULL DEFAULT current_user,
    from_address text NOT NULL DEFAULT COALESCE(host(inet_client_addr()), 'local socket')
);
COMMENT ON SCHEMA vividd IS 'Tables of the render daemon; no other program writes here.';
COMMENT ON TABLE vividd.migration IS 'Where each revision of the schema stands; kept by vividctl migrate.';
COMMENT ON COLUMN vividd.migration.revision IS 'Number of the revision.';
COMMENT ON COLUMN vividd.migration.name IS 'Its name, as in the files.';
COMMENT ON COLUMN vividd.migration.checksum IS 'SHA-256 of the up file that made it.';
COMMENT ON COLUMN vividd.migration.state IS 'applying and reverting are resumed at steps_done.';
COMMENT ON COLUMN vividd.migration.steps_done IS 'Steps of that direction that are committed.';
COMMENT ON COLUMN vividd.migration.cursor IS 'Last key of the batch step in work.';
COMMENT ON COLUMN vividd.migration.adopted IS 'Found in place, not made by these files.';
COMMENT ON COLUMN vividd.migration.started_at IS 'When its first step began.';
COMMENT ON COLUMN vividd.migration.applied_at IS 'When it was complete.';
COMMENT ON COLUMN vividd.migration.applied_by IS 'The role that did it.';
COMMENT ON COLUMN vividd.migration.duration_ms IS 'Time its steps took, waiting for locks included.';
COMMENT ON TABLE vividd.migration_log IS 'Everything vividctl migrate has done here, oldest first.';
COMMENT ON COLUMN vividd.migration_log.id IS 'Order of events.';
COMMENT ON COLUMN vividd.migration_log.at IS 'When it was done.';
COMMENT ON COLUMN vividd.migration_log.revision IS 'Number of the revision.';
COMMENT ON COLUMN vividd.migration_log.action IS 'up, down, step, applied, reverted or adopted.';
COMMENT ON COLUMN vividd.migration_log.step IS 'Name of the step.';
COMMENT ON COLUMN vividd.migration_log.duration_ms IS 'Time it took, waiting for locks included.';
COMMENT ON COLUMN vividd.migration_log.row_count IS 'Rows a batch step changed.';
COMMENT ON COLUMN vividd.migration_log.by_role IS 'The role that did it.';
COMMENT ON COLUMN vividd.migration_log.from_address IS 'Where its connection came from.'
)sql";

std::int64_t number_of(const SqlText& text) { return text ? std::strtoll(text->c_str(), nullptr, 10) : 0; }

LedgerRow row_of(const SqlRow& cells) {
  LedgerRow row;
  row.revision = static_cast<int>(number_of(cells[0]));
  row.name = cells[1].value_or("");
  row.checksum = cells[2].value_or("");
  row.state = cells[3].value_or("");
  row.steps_done = static_cast<int>(number_of(cells[4]));
  row.cursor = cells[5];
  row.adopted = cells[6] == "t";
  row.applied_at = cells[7].value_or("");
  row.applied_by = cells[8].value_or("");
  row.duration_ms = number_of(cells[9]);
  return row;
}

}  // namespace

SqlResult<void> Ledger::run(const std::string& sql, const SqlRow& parameters) {
  VIVID_TRY(session_->run(sql, parameters));
  return {};
}

SqlResult<bool> Ledger::exists() {
  VIVID_ASSIGN(const auto rows, session_->run("SELECT 1 WHERE to_regclass('vividd.migration') IS NOT NULL"));
  return !rows.empty();
}

SqlResult<void> Ledger::create() {
  VIVID_ASSIGN(const bool there, exists());
  if (!there) VIVID_TRY(session_->run(kCreate));
  return {};
}

SqlResult<std::map<int, LedgerRow>> Ledger::read() {
  std::map<int, LedgerRow> found;
  VIVID_ASSIGN(const bool there, exists());
  if (!there) return found;
  VIVID_ASSIGN(const auto rows,
               session_->run("SELECT revision, name, checksum, state, steps_done, cursor, adopted,"
                             " to_char(applied_at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), applied_by, duration_ms"
                             " FROM vividd.migration ORDER BY revision"));
  for (const SqlRow& cells : rows) {
    LedgerRow row = row_of(cells);
    found.emplace(row.revision, std::move(row));
  }
  return found;
}

SqlResult<void> Ledger::note(int revision, const std::string& action, const std::string& step, std::int64_t duration_ms,
                             std::int64_t rows) {
  return run(
      "INSERT INTO vividd.migration_log (revision, action, step, duration_ms, row_count)"
      " VALUES ($1::int, $2, NULLIF($3, ''), $4::bigint, $5::bigint)",
      {std::to_string(revision), action, step, std::to_string(duration_ms), std::to_string(rows)});
}

SqlResult<void> Ledger::start(const Revision& revision, bool up) {
  const std::string number = std::to_string(revision.number);
  if (up) {
    VIVID_TRY(run("INSERT INTO vividd.migration (revision, name, checksum, state) VALUES ($1::int, $2, $3, 'applying')",
                  {number, revision.name, revision.checksum}));
  } else {
    VIVID_TRY(
        run("UPDATE vividd.migration SET state = 'reverting', steps_done = 0, cursor = NULL"
            " WHERE revision = $1::int",
            {number}));
  }
  return note(revision.number, up ? "up" : "down", "", 0, 0);
}

SqlResult<void> Ledger::set_cursor(int revision, const SqlText& cursor) {
  return run("UPDATE vividd.migration SET cursor = $2 WHERE revision = $1::int", {std::to_string(revision), cursor});
}

SqlResult<void> Ledger::step_done(int revision, int steps_done, const std::string& step, std::int64_t duration_ms,
                                  std::int64_t rows) {
  VIVID_TRY(
      run("UPDATE vividd.migration SET steps_done = $2::int, cursor = NULL, duration_ms = duration_ms + $3::bigint"
          " WHERE revision = $1::int",
          {std::to_string(revision), std::to_string(steps_done), std::to_string(duration_ms)}));
  return note(revision, "step", step, duration_ms, rows);
}

SqlResult<void> Ledger::finish(int revision, bool up) {
  const std::string number = std::to_string(revision);
  if (up) {
    VIVID_TRY(
        run("UPDATE vividd.migration SET state = 'applied', applied_at = clock_timestamp(),"
            " applied_by = current_user WHERE revision = $1::int",
            {number}));
  } else {
    VIVID_TRY(run("DELETE FROM vividd.migration WHERE revision = $1::int", {number}));
  }
  return note(revision, up ? "applied" : "reverted", "", 0, 0);
}

SqlResult<void> Ledger::adopt(const Revision& revision) {
  VIVID_TRY(
      run("INSERT INTO vividd.migration (revision, name, checksum, state, adopted, applied_at)"
          " VALUES ($1::int, $2, $3, 'applied', true, clock_timestamp())"
          " ON CONFLICT (revision) DO UPDATE SET name = EXCLUDED.name, checksum = EXCLUDED.checksum, adopted = true",
          {std::to_string(revision.number), revision.name, revision.checksum}));
  return note(revision.number, "adopted", "", 0, 0);
}

}  // namespace vivid::sync
