#include "queue/transactor.h"

#include <random>
#include <string>

#include "queue/schema.h"

namespace vivid::queue {
namespace {

// 32 MiB: long enough that a hot page is written once for many commits, short enough to be read back in a moment.
constexpr int kLongWalFrames = 8'192;

std::uint64_t seed_of(const Options& options) {
  if (options.seed != 0) return options.seed;
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) | device();
}

Result<std::int64_t> take_boot_id(Database& database) {
  static constexpr const char* kRaise =
      "INSERT INTO meta (key, value) VALUES ('boot_id', '1') ON CONFLICT (key) DO UPDATE SET value = value + 1"
      " RETURNING CAST(value AS INTEGER)";
  Cursor row = database.use(kRaise);
  VIVID_ASSIGN(const bool found, row.step());
  const std::int64_t boot_id = found ? row.integer(0) : 0;
  VIVID_TRY(row.run());  // steps to the end, which commits
  return boot_id;
}

// Leaves free pages behind, which the next jobs use.
Status prove_room(Database& database) {
  VIVID_TRY(database.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('room', hex(zeroblob(65536)))"));
  return database.run("DELETE FROM meta WHERE key = 'room'");
}

}  // namespace

Transactor::Transactor(const Options& options, const Clock& clock, std::uint64_t seed)
    : options_(options), clock_(clock), random_(seed) {}

Result<std::unique_ptr<Transactor>> Transactor::open(const Options& options, const Clock& clock) {
  std::unique_ptr<Transactor> transactor(new Transactor(options, clock, seed_of(options)));
  VIVID_TRY(transactor->connect());
  VIVID_ASSIGN(transactor->boot_id_, take_boot_id(*transactor->database_));
  transactor->store_->boot_id = transactor->boot_id_;
  return transactor;
}

Status Transactor::connect() {
  VIVID_ASSIGN(database_, open_writer(options_));
  store_.emplace(Store{.database = *database_,
                       .options = options_,
                       .random = random_,
                       .now = clock_.now(),
                       .boot_id = boot_id_,
                       .next_job_id = next_job_id_,
                       .next_outbox_seq = next_outbox_seq_});
  return store_->reload();
}

Status Transactor::run(std::span<const std::unique_ptr<Command>> batch) {
  store_->now = clock_.now();
  store_->work_changed = false;
  store_->promoted = false;
  Status done = run_inside(batch);
  if (!done) undo();
  return done;
}

Status Transactor::run_inside(std::span<const std::unique_ptr<Command>> batch) {
  Database& database = *database_;
  VIVID_TRY(database.use("BEGIN IMMEDIATE").run());
  for (const std::unique_ptr<Command>& command : batch) {
    command->apply(*store_);
    if (database.failed()) return tl::make_unexpected(*database.failure());
  }
  VIVID_TRY(store_->tally.flush(database));
  return database.use("COMMIT").run();
}

void Transactor::undo() {
  if (database_->in_transaction()) static_cast<void>(database_->run("ROLLBACK"));
  store_->tally.clear();
  store_->work_changed = false;
  database_->clear_failure();
  // Pauses may have been changed by a command that is undone. If even that cannot be read, the next run fails too.
  static_cast<void>(store_->reload());
  database_->clear_failure();
}

Status Transactor::checkpoint_if_long() {
  if (database_->wal_frames() < kLongWalFrames) return {};
  Status done = database_->checkpoint(Database::Checkpoint::passive);
  database_->clear_failure();
  return done;
}

void Transactor::disconnect() {
  if (store_) {
    next_job_id_ = store_->next_job_id;
    next_outbox_seq_ = store_->next_outbox_seq;
  }
  store_.reset();
  database_.reset();
}

Status Transactor::reopen() {
  if (database_) {
    Status emptied = database_->checkpoint(Database::Checkpoint::truncate);
    database_->clear_failure();
    if (!emptied) return emptied;
    disconnect();
  }
  if (Status connected = connect(); !connected) {
    disconnect();
    return connected;
  }
  Status proved = prove_room(*database_);
  if (!proved) undo();
  return proved;
}

}  // namespace vivid::queue
