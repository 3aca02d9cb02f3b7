// What has been done to the database, recorded in it: schema vividd, tables migration (where each revision stands) and
// migration_log (what happened). Every record is written in the transaction of the work it describes, or right after
// work that cannot be in one and may be repeated.
//
// Threads: one thread. Errors: SqlError of the session.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "sync/central/migrate/revision.h"
#include "sync/central/session/session.h"

namespace vivid::sync {

struct LedgerRow {
  int revision = 0;
  std::string name;
  std::string checksum;
  std::string state;   // applying, applied, reverting
  int steps_done = 0;  // of the direction that `state` says
  SqlText cursor;      // where the current batch step stands
  bool adopted = false;
  std::string applied_at;  // ISO 8601; empty while applying
  std::string applied_by;
  std::int64_t duration_ms = 0;
};

class Ledger {
 public:
  explicit Ledger(Session& session) : session_(&session) {}

  SqlResult<bool> exists();
  SqlResult<void> create();
  // By revision; nothing if the ledger does not exist.
  SqlResult<std::map<int, LedgerRow>> read();

  SqlResult<void> start(const Revision& revision, bool up);
  SqlResult<void> set_cursor(int revision, const SqlText& cursor);
  SqlResult<void> step_done(int revision, int steps_done, const std::string& step, std::int64_t duration_ms,
                            std::int64_t rows);
  SqlResult<void> finish(int revision, bool up);
  // Writes or corrects the row of a revision that is there already.
  SqlResult<void> adopt(const Revision& revision);

 private:
  SqlResult<void> note(int revision, const std::string& action, const std::string& step, std::int64_t duration_ms,
                       std::int64_t rows);
  SqlResult<void> run(const std::string& sql, const SqlRow& parameters);

  Session* session_;
};

}  // namespace vivid::sync
