// What a command works on: the writer's connection inside its open transaction, the time of the batch, and what the
// batch has counted so far.
//
// Threads: the writer's only.
// Ownership: borrows the connection, options and randomness; the writer owns them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/backoff.h"
#include "queue/database.h"
#include "queue/job_queue.h"

namespace vivid::queue {

// Running totals that reads would otherwise scan for: jobs by state, stages by lane. Kept in the same transaction as
// what they count, one row update a batch.
class Tally {
 public:
  enum class Kind { job, ready, delayed, in_progress };
  static std::string_view to_text(Kind kind);

  void add(Kind kind, std::string_view name, std::int64_t difference);
  Status flush(Database& database);
  void clear() { entries_.clear(); }

 private:
  struct Entry {
    Kind kind;
    std::string name;
    std::int64_t difference;
  };
  std::vector<Entry> entries_;
};

struct Store {
  Database& database;
  const Options& options;
  Random& random;
  WallTime now;
  std::int64_t boot_id = 0;
  // Ids are handed out from memory and never twice in one process, also when a transaction is undone or the newest rows
  // are removed: a late caller with an old number must not hit a new row.
  std::int64_t next_job_id = 1;
  std::int64_t next_outbox_seq = 1;
  Tally tally{};
  // Something became claimable, a job ended or was cancelled, or there are new outbox rows: the listener is called
  // after the commit.
  bool work_changed = false;
  // Delayed stages that are due have been looked for in this batch.
  bool promoted = false;

  // What lanes may not be claimed from; "" stands for all.
  std::vector<std::string> paused_lanes{};
  bool is_paused(std::string_view lane) const;

  // Reads numbers and paused lanes from the file: at start, after a reopen, and after a batch was undone.
  Status reload();
};

}  // namespace vivid::queue
