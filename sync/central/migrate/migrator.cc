#include "sync/central/migrate/migrator.h"

#include <algorithm>
#include <random>
#include <thread>
#include <utility>

#include "sync/central/migrate/embedded.h"

namespace vivid::sync {
namespace {

using std::chrono::milliseconds;

// One runner a database: a key of our own in the server's table of advisory locks.
constexpr const char* kLockKey = "8532478957120873831";
constexpr milliseconds kLockPause{500};

tl::unexpected<Error> unreadable(const SqlError& error) {
  return tl::make_unexpected(to_error(error, "cannot read the database"));
}

std::string listed(const std::vector<Finding>& findings) {
  constexpr std::size_t kShown = 8;
  std::string text;
  for (std::size_t i = 0; i < std::min(findings.size(), kShown); ++i) {
    text += (i == 0 ? "" : "; ") + findings[i].object + " " + findings[i].problem;
  }
  if (findings.size() > kShown) text += "; and " + std::to_string(findings.size() - kShown) + " more";
  return text;
}

RevisionStatus status_of(const LedgerRow& row, const Revision* revision) {
  RevisionStatus status;
  status.number = row.revision;
  status.name = row.name;
  status.state = revision == nullptr ? "unknown" : row.state;
  status.adopted = row.adopted;
  status.checksum_differs = revision != nullptr && row.checksum != revision->checksum;
  status.steps_done = row.steps_done;
  if (revision != nullptr) {
    status.steps = static_cast<int>((row.state == "reverting" ? revision->down : revision->up).size());
  }
  if (revision != nullptr && row.state == "applied") status.steps_done = status.steps;
  status.applied_at = row.applied_at;
  status.applied_by = row.applied_by;
  status.duration_ms = row.duration_ms;
  return status;
}

std::uint64_t seed() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) | device();
}

}  // namespace

Result<Migrator> Migrator::connect(MigratorOptions options, const Clock& clock) {
  VIVID_ASSIGN(std::vector<Revision> revisions, parse_revisions(embedded_migrations()));
  SessionOptions session_options;
  session_options.url = options.url;
  session_options.connect_timeout = options.connect_timeout;
  session_options.application_name = "vividctl migrate";
  VIVID_ASSIGN(Session session, Session::open(session_options));
  return Migrator(std::move(options), std::move(revisions), std::move(session), clock);
}

Migrator::Migrator(MigratorOptions options, std::vector<Revision> revisions, Session session, const Clock& clock)
    : options_(std::move(options)),
      revisions_(std::move(revisions)),
      session_(std::move(session)),
      clock_(&clock),
      random_(seed()) {
  if (!options_.steps.sleep) {
    options_.steps.sleep = [](milliseconds pause) { std::this_thread::sleep_for(pause); };
  }
}

Result<SchemaStatus> Migrator::status() {
  Ledger ledger(session_);
  SchemaStatus status;
  status.database = session_.description();
  SqlResult<std::map<int, LedgerRow>> rows = ledger.read();
  if (!rows) return unreadable(rows.error());
  status.has_ledger = !rows->empty();
  for (const Revision& revision : revisions_) {
    const auto row = rows->find(revision.number);
    if (row == rows->end()) {
      RevisionStatus pending;
      pending.number = revision.number;
      pending.name = revision.name;
      pending.state = "pending";
      pending.steps = static_cast<int>(revision.up.size());
      status.revisions.push_back(std::move(pending));
      continue;
    }
    status.revisions.push_back(status_of(row->second, &revision));
    if (row->second.state == "applied") status.current = revision.number;
  }
  for (const auto& [number, row] : *rows) {
    if (number > latest()) status.revisions.push_back(status_of(row, nullptr));
  }
  if (!status.has_ledger) {
    SqlResult<Recognition> recognition = recognise(session_, revisions_);
    if (!recognition) return unreadable(recognition.error());
    status.recognition = std::move(*recognition);
  }
  return status;
}

// What stands in the way of any change.
Status Migrator::refuse_mismatch(const SchemaStatus& status, bool up) const {
  for (const RevisionStatus& revision : status.revisions) {
    const std::string name = "revision " + std::to_string(revision.number) + " (" + revision.name + ")";
    if (revision.state == "unknown") {
      return fail(ErrorCode::unsupported, name + " was applied by a newer vividctl; use that one");
    }
    if (revision.checksum_differs) {
      return fail(ErrorCode::invalid_input,
                  name + " was made from another text than the one in this vividctl; " +
                      (revision.state == "applied" ? "see 'migrate verify', then 'migrate adopt' to accept it"
                                                   : "finish it with the vividctl that began it"));
    }
    if (revision.state == "applying" && !up) {
      return fail(ErrorCode::invalid_input, name + " is half applied; finish it with 'migrate up' first");
    }
    if (revision.state == "reverting" && up) {
      return fail(ErrorCode::invalid_input, name + " is half taken back; finish it with 'migrate down' first");
    }
  }
  if (!status.recognition.findings.empty()) {
    return fail(ErrorCode::invalid_input,
                "there is no ledger, and the objects are those of no revision: " + listed(status.recognition.findings));
  }
  return {};
}

Result<Plan> Migrator::plan_from(const SchemaStatus& status, bool up, std::optional<int> target) const {
  VIVID_TRY(refuse_mismatch(status, up));
  Plan plan;
  if (!status.has_ledger) plan.adopts = status.recognition.revision;
  const int current = status.has_ledger ? status.current : plan.adopts;
  // A revision that is half taken back is not current, but still to be finished.
  const auto reverting = std::find_if(status.revisions.begin(), status.revisions.end(),
                                      [](const RevisionStatus& revision) { return revision.state == "reverting"; });
  const int top = reverting == status.revisions.end() ? current : reverting->number;
  const int goal = target.value_or(up ? latest() : std::max(top - 1, 0));
  if (goal < 0 || goal > latest()) {
    return fail(ErrorCode::invalid_input,
                "there is no revision " + std::to_string(goal) + "; allowed: 0 to " + std::to_string(latest()));
  }
  for (int number = current + 1; up && number <= goal; ++number) {
    const auto index = static_cast<std::size_t>(number - 1);
    const bool begun = status.revisions[index].state == "applying";
    plan.revisions.push_back({&revisions_[index], true, begun ? status.revisions[index].steps_done : 0});
  }
  for (int number = top; !up && number > goal; --number) {
    const auto index = static_cast<std::size_t>(number - 1);
    const bool begun = status.revisions[index].state == "reverting";
    plan.revisions.push_back({&revisions_[index], false, begun ? status.revisions[index].steps_done : 0});
  }
  return plan;
}

Result<Plan> Migrator::plan(bool up, std::optional<int> target) {
  VIVID_ASSIGN(const SchemaStatus now, status());
  return plan_from(now, up, target);
}

// Tried again and again rather than waited for: a session that waits inside a statement would hold up the very index
// builds it waits for.
Status Migrator::lock() {
  const SteadyTime deadline = clock_->steady_now() + options_.steps.patience;
  for (int tries = 0;; ++tries) {
    const auto got = session_.run(std::string("SELECT pg_try_advisory_lock(") + kLockKey + ")");
    if (!got) return unreadable(got.error());
    if (got->front()[0] == "t") return {};
    const auto holder = session_.run(
        "SELECT a.pid, a.application_name, COALESCE(host(a.client_addr), 'this host') FROM pg_locks l"
        " JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1"
        " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        " AND ((l.classid::bigint << 32) | l.objid::bigint) = " +
        std::string(kLockKey));
    std::string who;
    if (holder && !holder->empty()) {
      const SqlRow& row = holder->front();
      who = " (pid " + row[0].value_or("?") + ", " + row[1].value_or("") + ", from " + row[2].value_or("?") + ")";
    }
    if (clock_->steady_now() >= deadline) {
      return fail(ErrorCode::start_to_close, "another migration is still running" + who);
    }
    if (tries == 0 && options_.steps.say) options_.steps.say("waits for another migration to end" + who);
    options_.steps.sleep(kLockPause);
  }
}

// Should this fail, the lock still goes with the connection.
void Migrator::unlock() { (void)session_.run(std::string("SELECT pg_advisory_unlock(") + kLockKey + ")").has_value(); }

Result<Plan> Migrator::migrate(bool up, std::optional<int> target) {
  VIVID_TRY(lock());
  // Read under the lock: another runner may just have done it all.
  Result<Plan> done = [&]() -> Result<Plan> {
    VIVID_ASSIGN(const SchemaStatus now, status());
    VIVID_ASSIGN(Plan plan, plan_from(now, up, target));
    if (plan.revisions.empty() && plan.adopts == 0) return plan;
    Ledger ledger(session_);
    if (const SqlResult<void> created = ledger.create(); !created) {
      return tl::make_unexpected(to_error(created.error(), "cannot create the ledger"));
    }
    if (plan.adopts > 0) VIVID_TRY(adopt_locked(now));
    StepRunner runner(session_, options_.steps, *clock_, random_);
    for (const PlannedRevision& planned : plan.revisions) {
      const int below = planned.revision->number - 1;
      const Revision* expected = planned.up ? planned.revision : nullptr;
      if (!planned.up && below > 0) expected = &revisions_[static_cast<std::size_t>(below - 1)];
      VIVID_TRY(runner.run(*planned.revision, planned.up, expected));
    }
    return plan;
  }();
  unlock();
  return done;
}

Result<std::vector<Finding>> Migrator::verify() {
  VIVID_ASSIGN(const SchemaStatus now, status());
  if (!now.has_ledger) {
    return fail(ErrorCode::invalid_input, "there is no ledger; 'migrate status' says what the database looks like");
  }
  std::vector<Finding> findings;
  for (const RevisionStatus& revision : now.revisions) {
    if (revision.state == "unknown") {
      findings.push_back({revision.number, "revision " + revision.name, "is not known to this vividctl"});
      continue;
    }
    if (revision.checksum_differs) {
      findings.push_back({revision.number, "revision " + revision.name, "was made from another text"});
    }
    if (revision.state == "applying" || revision.state == "reverting") {
      findings.push_back({revision.number, "revision " + revision.name, "is unfinished (" + revision.state + ")"});
      continue;
    }
    if (revision.state != "applied") continue;
    SqlResult<Inspection> inspection = inspect(session_, revisions_[static_cast<std::size_t>(revision.number - 1)]);
    if (!inspection) return unreadable(inspection.error());
    findings.insert(findings.end(), inspection->findings.begin(), inspection->findings.end());
  }
  return findings;
}

Result<int> Migrator::adopt_locked(const SchemaStatus& status) {
  Ledger ledger(session_);
  const int upper = status.has_ledger ? status.current : status.recognition.revision;
  SqlResult<void> result = [&]() -> SqlResult<void> {
    VIVID_TRY(session_.run("BEGIN"));
    VIVID_TRY(ledger.create());
    for (int number = 1; number <= upper; ++number) {
      const auto index = static_cast<std::size_t>(number - 1);
      const bool known = status.has_ledger && !status.revisions[index].checksum_differs;
      if (!known) VIVID_TRY(ledger.adopt(revisions_[index]));
    }
    VIVID_TRY(session_.run("COMMIT"));
    return {};
  }();
  if (!result) {
    (void)session_.run("ROLLBACK").has_value();
    return tl::make_unexpected(to_error(result.error(), "cannot adopt"));
  }
  if (options_.steps.say && upper > 0) {
    options_.steps.say("adopted at revision " + revisions_[static_cast<std::size_t>(upper - 1)].id());
  }
  return upper;
}

Result<int> Migrator::adopt() {
  VIVID_TRY(lock());
  Result<int> adopted = [&]() -> Result<int> {
    VIVID_ASSIGN(const SchemaStatus now, status());
    if (now.has_ledger) {
      SqlResult<Recognition> found = recognise(session_, revisions_);
      if (!found) return unreadable(found.error());
      if (!found->findings.empty()) return fail(ErrorCode::invalid_input, "cannot adopt: " + listed(found->findings));
      if (found->revision != now.current) {
        return fail(ErrorCode::invalid_input, "cannot adopt: the ledger says revision " + std::to_string(now.current) +
                                                  ", the objects are those of " + std::to_string(found->revision));
      }
    } else if (!now.recognition.findings.empty()) {
      return fail(ErrorCode::invalid_input,
                  "cannot adopt: the objects are those of no revision: " + listed(now.recognition.findings));
    } else if (now.recognition.revision == 0) {
      return fail(ErrorCode::invalid_input,
                  "cannot adopt: none of the revisions' objects is there; 'migrate up' makes them");
    }
    return adopt_locked(now);
  }();
  unlock();
  return adopted;
}

}  // namespace vivid::sync
