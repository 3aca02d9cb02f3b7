#include "sync/central/migrate/step_runner.h"

#include <cstdlib>
#include <utility>

namespace vivid::sync {
namespace {

using std::chrono::milliseconds;

// SQLSTATE of our own for a schema that is not as it should be after its migration.
constexpr const char* kNotAsExpected = "VM001";

// A batch looks at one page of a table, found by its key. Statistics of tables that have just been filled tell the
// planner otherwise, and then every page costs a scan of the whole table.
constexpr const char* kPageByPage =
    "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;"
    "SET LOCAL jit = off";

std::int64_t ms_between(SteadyTime from, SteadyTime to) {
  return std::chrono::duration_cast<milliseconds>(to - from).count();
}

std::string took(std::int64_t ms) { return std::to_string(ms) + " ms"; }

}  // namespace

Status StepRunner::retrying(const std::string& what, const Body& attempt) {
  const SteadyTime deadline = clock_.steady_now() + options_.patience;
  for (int tries = 1;; ++tries) {
    const SqlResult<void> result = attempt();
    if (result) return {};
    const SqlError& error = result.error();
    if (error.state == kNotAsExpected) return fail(ErrorCode::data_corrupt, what + ": " + error.message);
    if (!is_worth_retrying(error)) return tl::make_unexpected(to_error(error, what));
    if (clock_.steady_now() >= deadline) {
      return fail(ErrorCode::start_to_close,
                  what + ": no lock to be had in " + std::to_string(options_.patience.count() / 1000) +
                      " s; what is done is kept, run it again to go on" + who_is_in_the_way());
    }
    if (tries == 1 || tries % 5 == 0)
      say(what + ": waits for a lock (try " + std::to_string(tries) + ")" + who_is_in_the_way());
    options_.sleep(full_jitter(options_.backoff, tries, random_));
  }
}

std::string StepRunner::who_is_in_the_way() {
  const auto rows = session_.run(
      "SELECT pid, application_name, state, round(EXTRACT(epoch FROM clock_timestamp() - xact_start))"
      " FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
      " ORDER BY xact_start LIMIT 1");
  if (!rows || rows->empty()) return "";
  const SqlRow& row = rows->front();
  return "; oldest transaction: pid " + row[0].value_or("?") + " (" + row[1].value_or("") + ", " +
         row[2].value_or("another user's") + "), for " + row[3].value_or("?") + " s";
}

Status StepRunner::in_transaction(const std::string& what, const Body& body) {
  return retrying(what, [&]() -> SqlResult<void> {
    VIVID_TRY(session_.run("BEGIN; SET LOCAL lock_timeout = " + std::to_string(options_.lock_timeout.count())));
    SqlResult<void> result = body();
    if (result) {
      if (const auto committed = session_.run("COMMIT"); !committed) result = tl::make_unexpected(committed.error());
    }
    if (!result && !result.error().state.empty()) {
      if (const auto undone = session_.run("ROLLBACK"); !undone) return tl::make_unexpected(undone.error());
    }
    return result;
  });
}

// First a lock that stops no writer but makes autovacuum and other schema changes finish or give way, however long that
// takes; then what the step itself needs is held up by running transactions alone.
SqlResult<void> StepRunner::take_locks(const Step& step) {
  if (step.locks.empty()) return {};
  std::string sql = "SET LOCAL lock_timeout = '5s';";
  for (const std::string& table : step.locks) sql += "LOCK TABLE " + table + " IN SHARE UPDATE EXCLUSIVE MODE;";
  sql += "SET LOCAL lock_timeout = " + std::to_string(options_.lock_timeout.count());
  VIVID_TRY(session_.run(sql));
  return {};
}

SqlResult<void> StepRunner::check(const Revision* expected) {
  if (expected == nullptr) return {};
  VIVID_ASSIGN(const Inspection inspection, inspect(session_, *expected));
  if (inspection.clean()) return {};
  std::string text = "the result is not as expected";
  for (const Finding& finding : inspection.findings) text += "; " + finding.object + " " + finding.problem;
  return tl::make_unexpected(SqlError{kNotAsExpected, text});
}

Status StepRunner::run(const Revision& revision, bool up, const Revision* expected) {
  const std::vector<Step>& steps = up ? revision.up : revision.down;
  SqlResult<std::map<int, LedgerRow>> rows = ledger_.read();
  if (!rows) return tl::make_unexpected(to_error(rows.error(), "cannot read the ledger"));
  const auto found = rows->find(revision.number);
  const bool resumes = found != rows->end() && found->second.state == (up ? "applying" : "reverting");
  const auto done = static_cast<std::size_t>(resumes ? found->second.steps_done : 0);
  if (!resumes && is_one_transaction(steps)) return run_as_one(revision, up, expected);

  if (resumes) {
    say(revision.id() + ": resumes after step " + std::to_string(done) + " of " + std::to_string(steps.size()));
  } else {
    const Status started = in_transaction(revision.id(), [&] { return ledger_.start(revision, up); });
    VIVID_TRY(started);
  }
  for (std::size_t index = done; index < steps.size(); ++index) {
    VIVID_TRY(run_step(revision, up, index, resumes && index == done ? found->second.cursor : SqlText()));
  }
  return finish(revision, up, expected);
}

Status StepRunner::finish(const Revision& revision, bool up, const Revision* expected) {
  return in_transaction(revision.id() + " verify", [&]() -> SqlResult<void> {
    VIVID_TRY(check(expected));
    return ledger_.finish(revision.number, up);
  });
}

Status StepRunner::run_as_one(const Revision& revision, bool up, const Revision* expected) {
  const SteadyTime start = clock_.steady_now();
  const std::vector<Step>& steps = up ? revision.up : revision.down;
  const Status ran = in_transaction(revision.id(), [&]() -> SqlResult<void> {
    VIVID_TRY(ledger_.start(revision, up));
    for (std::size_t index = 0; index < steps.size(); ++index) {
      const Step& step = steps[index];
      const SteadyTime step_start = clock_.steady_now();
      VIVID_TRY(take_locks(step));
      if (const auto done = session_.run(step.sql); !done) {
        return tl::make_unexpected(SqlError{done.error().state, "step " + step.name + ": " + done.error().message});
      }
      VIVID_TRY(ledger_.step_done(revision.number, static_cast<int>(index) + 1, step.name,
                                  ms_between(step_start, clock_.steady_now()), 0));
    }
    VIVID_TRY(check(expected));
    return ledger_.finish(revision.number, up);
  });
  VIVID_TRY(ran);
  say(revision.id() + ": " + std::to_string(steps.size()) + " steps in one transaction, " +
      took(ms_between(start, clock_.steady_now())));
  return {};
}

Status StepRunner::run_step(const Revision& revision, bool up, std::size_t index, SqlText cursor) {
  const Step& step = (up ? revision.up : revision.down)[index];
  const std::string what = revision.id() + " " + step.name;
  const int done = static_cast<int>(index) + 1;
  if (step.kind == StepKind::batch) return run_batches(revision, step, done, std::move(cursor), what);
  if (step.kind == StepKind::no_transaction) return run_concurrently(revision, step, done, what);
  const SteadyTime start = clock_.steady_now();
  const Status ran = in_transaction(what, [&]() -> SqlResult<void> {
    VIVID_TRY(take_locks(step));
    VIVID_TRY(session_.run(step.sql));
    return ledger_.step_done(revision.number, done, step.name, ms_between(start, clock_.steady_now()), 0);
  });
  VIVID_TRY(ran);
  say(what + ": " + took(ms_between(start, clock_.steady_now())));
  return {};
}

Status StepRunner::run_batches(const Revision& revision, const Step& step, int done, SqlText cursor,
                               const std::string& what) {
  const SteadyTime start = clock_.steady_now();
  std::int64_t rows = 0;
  for (bool more = true; more;) {
    SqlText last;
    std::int64_t touched = 0;
    const Status ran = in_transaction(what, [&]() -> SqlResult<void> {
      VIVID_TRY(session_.run(kPageByPage));
      VIVID_ASSIGN(const auto answer, session_.run(step.sql, SqlRow{cursor}));
      if (answer.size() != 1 || answer[0].size() != 2) {
        return tl::make_unexpected(SqlError{kNotAsExpected, "the batch must answer (last key, rows changed)"});
      }
      last = answer[0][0];
      touched = std::strtoll(answer[0][1].value_or("0").c_str(), nullptr, 10);
      if (last) return ledger_.set_cursor(revision.number, last);
      return ledger_.step_done(revision.number, done, step.name, ms_between(start, clock_.steady_now()),
                               rows + touched);
    });
    VIVID_TRY(ran);
    rows += touched;
    more = last.has_value();
    cursor = std::move(last);
  }
  say(what + ": " + std::to_string(rows) + " rows, " + took(ms_between(start, clock_.steady_now())));
  return {};
}

// Waiting here stops no writer, so the server may wait as long as there is patience. A build that was cut short leaves
// an index that is not valid under its name.
Status StepRunner::run_concurrently(const Revision& revision, const Step& step, int done, const std::string& what) {
  const SteadyTime start = clock_.steady_now();
  const Status ran = retrying(what, [&]() -> SqlResult<void> {
    VIVID_TRY(session_.run("SET lock_timeout = " + std::to_string(options_.patience.count())));
    VIVID_ASSIGN(const auto broken,
                 session_.run("SELECT 1 FROM pg_index WHERE indexrelid = to_regclass($1) AND NOT indisvalid",
                              SqlRow{step.index}));
    if (!broken.empty()) {
      say(what + ": removes what an interrupted build has left");
      VIVID_TRY(session_.run("DROP INDEX CONCURRENTLY IF EXISTS " + step.index));
    }
    VIVID_TRY(session_.run(step.sql));
    return {};
  });
  VIVID_TRY(ran);
  const std::int64_t ms = ms_between(start, clock_.steady_now());
  const Status noted = in_transaction(what, [&] { return ledger_.step_done(revision.number, done, step.name, ms, 0); });
  VIVID_TRY(noted);
  say(what + ": " + took(ms));
  return {};
}

}  // namespace vivid::sync
