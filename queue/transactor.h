// Runs commands as one transaction on the writer's connection, and brings that connection back after it failed.
//
// Threads: the writer's only (open() may run on another before the writer starts).
// Ownership: owns the connection; borrows the options and the clock.
// Errors: see run().
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/error.h"
#include "queue/command.h"
#include "queue/database.h"
#include "queue/job_queue.h"
#include "queue/store.h"

namespace vivid::queue {

class Transactor {
 public:
  // Opens the file and takes a new boot id.
  static Result<std::unique_ptr<Transactor>> open(const Options& options, const Clock& clock);

  // All commands in one transaction. An error means that none of them was kept and none was answered; then the
  // transaction is undone. Success: all is on disk, and the caller calls committed() on each.
  Status run(std::span<const std::unique_ptr<Command>> batch);
  // Whether the last run made work claimable, ended or cancelled a job, or put outbox rows.
  bool work_changed() const { return store_->work_changed; }

  // Moves the WAL into the file when it has grown long. For after the answers.
  Status checkpoint_if_long();

  // After an error of the disk: empties the WAL, opens the file again, and proves with a write that there is room. The
  // WAL is emptied on the old connection, which knows where the last good transaction ends: a new one would read the
  // file, and take a transaction whose sync failed for a good one.
  Status reopen();

  std::int64_t boot_id() const { return boot_id_; }

 private:
  Transactor(const Options& options, const Clock& clock, std::uint64_t seed);
  Status connect();
  Status run_inside(std::span<const std::unique_ptr<Command>> batch);
  void undo();
  void disconnect();

  const Options& options_;
  const Clock& clock_;
  Random random_;
  std::int64_t boot_id_ = 0;
  std::int64_t next_job_id_ = 1;
  std::int64_t next_outbox_seq_ = 1;
  std::unique_ptr<Database> database_;
  std::optional<Store> store_;
};

}  // namespace vivid::queue
