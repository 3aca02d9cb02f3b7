// The central schema's revisions: what a database is at, and taking it up and down.
//
// Threads: one thread. Ownership: owns the connection; its advisory lock, held while the schema changes, goes with it.
// Errors: invalid_input for a target that does not exist or a database that is not what it should be; unavailable
// without a server; start_to_close when patience runs out; what is done stays done, and the next call goes on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sync/central/migrate/inspection.h"
#include "sync/central/migrate/ledger.h"
#include "sync/central/migrate/step_runner.h"

namespace vivid::sync {

struct MigratorOptions {
  std::string url;  // libpq's forms: postgresql://user@host/database, or "host=… dbname=…"
  std::chrono::seconds connect_timeout{10};
  StepOptions steps;
};

struct RevisionStatus {
  int number = 0;
  std::string name;
  std::string state;  // pending, applying, applied, reverting, unknown (of a newer vividctl)
  bool adopted = false;
  bool checksum_differs = false;
  int steps_done = 0;
  int steps = 0;
  std::string applied_at;
  std::string applied_by;
  std::int64_t duration_ms = 0;
};

struct SchemaStatus {
  std::string database;
  bool has_ledger = false;
  int current = 0;  // the highest revision that is complete
  std::vector<RevisionStatus> revisions;
  // Without a ledger: what the objects look like.
  Recognition recognition;
};

struct PlannedRevision {
  const Revision* revision = nullptr;
  bool up = true;
  int steps_done = 0;
};

struct Plan {
  int adopts = 0;  // revisions to recognise as done before anything runs
  std::vector<PlannedRevision> revisions;
};

class Migrator {
 public:
  static Result<Migrator> connect(MigratorOptions options, const Clock& clock);

  const std::string& database() const { return session_.description(); }
  int latest() const { return static_cast<int>(revisions_.size()); }

  Result<SchemaStatus> status();
  // To `target`, or the default: the latest going up, one less going down. 0 is the empty schema.
  Result<Plan> plan(bool up, std::optional<int> target);
  // What was done.
  Result<Plan> migrate(bool up, std::optional<int> target);
  // Everything in which the database differs from what its ledger says: objects and checksums.
  Result<std::vector<Finding>> verify();
  // Records a database that has the objects but no ledger, and accepts changed checksums where the objects are right.
  // Gives the revision.
  Result<int> adopt();

 private:
  Migrator(MigratorOptions options, std::vector<Revision> revisions, Session session, const Clock& clock);

  Status lock();
  void unlock();
  Result<int> adopt_locked(const SchemaStatus& status);
  Result<Plan> plan_from(const SchemaStatus& status, bool up, std::optional<int> target) const;
  Status refuse_mismatch(const SchemaStatus& status, bool up) const;

  MigratorOptions options_;
  std::vector<Revision> revisions_;
  Session session_;
  const Clock* clock_;
  Random random_;
};

}  // namespace vivid::sync
