#include "queue/schema.h"

#include <array>
#include <charconv>
#include <string>

namespace vivid::queue {
namespace {

// "VIVQ": tells a queue file from any other SQLite file.
constexpr std::int64_t kApplicationId = 0x56495651;

// Times are microseconds since 1970, UTC. Only what can be claimed now is in stage_ready: a stage that waits for a time
// has run_at set and is in stage_delayed until that time comes.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tally (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE job (
  id INTEGER PRIMARY KEY,
  uid TEXT NOT NULL UNIQUE,
  fence INTEGER NOT NULL,
  correlation_id TEXT NOT NULL,
  class TEXT NOT NULL,
  priority INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  run_at INTEGER NOT NULL,
  deadline INTEGER,
  time_limit INTEGER,
  stage_count INTEGER NOT NULL,
  state TEXT NOT NULL,
  cancel_requested INTEGER NOT NULL DEFAULT 0,
  crashes INTEGER NOT NULL DEFAULT 0,
  started_at INTEGER,
  finished_at INTEGER,
  error_code TEXT,
  error_message TEXT,
  error_stage TEXT,
  payload TEXT
) STRICT;
CREATE INDEX job_noted ON job (state) WHERE state IN ('running', 'failed', 'quarantined', 'cancelled');
CREATE INDEX job_finished ON job (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX job_cancel ON job (cancel_requested) WHERE cancel_requested = 1 AND finished_at IS NULL;

CREATE TABLE payload (
  job_id INTEGER PRIMARY KEY REFERENCES job (id),
  body TEXT NOT NULL
) STRICT;

CREATE TABLE stage (
  id INTEGER PRIMARY KEY,
  job_id INTEGER GENERATED ALWAYS AS (id / 64) VIRTUAL,
  ordinal INTEGER GENERATED ALWAYS AS (id % 64) VIRTUAL,
  name TEXT NOT NULL,
  lane TEXT NOT NULL,
  rank INTEGER NOT NULL,
  state TEXT NOT NULL,
  run_at INTEGER,
  ready_since INTEGER,
  attempt INTEGER NOT NULL DEFAULT 0,
  used INTEGER NOT NULL DEFAULT 0,
  crashes INTEGER NOT NULL DEFAULT 0,
  boot_id INTEGER,
  holder_pid INTEGER,
  holder_start_ticks INTEGER,
  critical INTEGER NOT NULL,
  start_to_close_ms INTEGER NOT NULL,
  silence_ms INTEGER NOT NULL,
  max_attempts INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  result TEXT,
  error_code TEXT,
  error_message TEXT
) STRICT;
CREATE INDEX stage_ready ON stage (lane, rank) WHERE state = 'ready' AND run_at IS NULL;
CREATE INDEX stage_delayed ON stage (run_at) WHERE run_at IS NOT NULL;
CREATE INDEX stage_leased ON stage (boot_id) WHERE boot_id IS NOT NULL;

CREATE TABLE attempt (
  stage_id INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  ready_since INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  finished_at INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  message TEXT,
  detail TEXT,
  PRIMARY KEY (stage_id, attempt)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
  seq INTEGER PRIMARY KEY,
  job_id INTEGER NOT NULL REFERENCES job (id),
  kind TEXT NOT NULL,
  stage TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (job_id, kind, stage)
) STRICT;
)sql";

// Rows with a verdict lie apart, so that putting, reading and counting the others costs the same with any number of
// them. A stage row says its attempt before anything else of that name, and that text is what version 1 had of it.
constexpr const char* kVersion2 = R"sql(
CREATE INDEX job_held ON job (fence) WHERE fence > 0 AND finished_at IS NULL;

CREATE TABLE told (
  seq INTEGER PRIMARY KEY,
  job_id INTEGER NOT NULL REFERENCES job (id),
  kind TEXT NOT NULL,
  stage TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (job_id, kind, stage, attempt)
) STRICT;
INSERT INTO told (seq, job_id, kind, stage, attempt, created_at, body)
  SELECT seq, job_id, kind, stage,
         CASE kind WHEN 'stage' THEN CAST(substr(body, instr(body, '"attempt":') + 10, 20) AS INTEGER) ELSE 0 END,
         created_at, body
  FROM outbox ORDER BY seq;
DROP TABLE outbox;
ALTER TABLE told RENAME TO outbox;

CREATE TABLE settled (
  seq INTEGER PRIMARY KEY,
  job_id INTEGER NOT NULL REFERENCES job (id),
  kind TEXT NOT NULL,
  stage TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  body TEXT NOT NULL,
  verdict TEXT NOT NULL,
  settled_at INTEGER NOT NULL,
  error TEXT,
  UNIQUE (job_id, kind, stage, attempt)
) STRICT;
CREATE INDEX settled_by_time ON settled (settled_at) WHERE verdict <> 'quarantined';
CREATE INDEX settled_quarantined ON settled (seq) WHERE verdict = 'quarantined';
)sql";

// Step i brings a file from version i to version i + 1.
constexpr std::array<const char*, 2> kSteps{kVersion1, kVersion2};

constexpr const char* kSettings = R"sql(
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
PRAGMA cache_size = -65536;
PRAGMA wal_autocheckpoint = 0;
PRAGMA temp_store = MEMORY;
)sql";

Result<std::string> read_text(Database& database, const char* sql) {
  Cursor cursor = database.use(sql);
  VIVID_ASSIGN(const bool found, cursor.step());
  return found ? cursor.string(0) : std::string();
}

Status require_setting(Database& database, const char* pragma, std::string_view wanted) {
  VIVID_ASSIGN(const std::string have, read_text(database, pragma));
  if (have == wanted) return {};
  return fail(ErrorCode::internal, "queue file: " + std::string(pragma) + " is '" + have + "' where '" +
                                       std::string(wanted) + "' is needed: without it a power cut could lose work");
}

// 0 for an empty file.
Result<int> version_of(Database& database, const std::string& path) {
  VIVID_ASSIGN(const std::string application, read_text(database, "PRAGMA application_id"));
  VIVID_ASSIGN(const std::string tables, read_text(database, "SELECT count(*) FROM sqlite_schema"));
  if (tables == "0") return 0;
  if (application != std::to_string(kApplicationId)) {
    return fail(ErrorCode::invalid_input, path + " is an SQLite file, but not a queue of this program");
  }
  VIVID_ASSIGN(const std::string text, read_text(database, "SELECT value FROM meta WHERE key = 'schema_version'"));
  int version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (error != std::errc() || end != text.data() + text.size() || version < 1) {
    return fail(ErrorCode::data_corrupt, path + ": meta.schema_version is '" + text + "', not a version number");
  }
  return version;
}

Status require_known(int version, const std::string& path) {
  if (version <= schema_version()) return {};
  return fail(ErrorCode::unsupported, path + " has schema version " + std::to_string(version) +
                                          "; this program knows versions up to " + std::to_string(schema_version()) +
                                          ": run the newer program that wrote it");
}

Status migrate(Database& database, int version) {
  if (version == schema_version()) return {};
  const auto steps = [&]() -> Status {
    VIVID_TRY(database.run("BEGIN IMMEDIATE"));
    for (std::size_t step = static_cast<std::size_t>(version); step < kSteps.size(); ++step) {
      VIVID_TRY(database.run(kSteps[step]));
    }
    VIVID_TRY(database.run(("PRAGMA application_id = " + std::to_string(kApplicationId)).c_str()));
    VIVID_TRY(database.use("INSERT OR REPLACE INTO meta (key, value) VALUES ('schema_version', ?)")
                  .bind(std::to_string(schema_version()))
                  .run());
    return database.run("COMMIT");
  };
  Status done = steps();
  if (!done && database.in_transaction()) static_cast<void>(database.run("ROLLBACK"));
  return done;
}

}  // namespace

int schema_version() { return static_cast<int>(kSteps.size()); }

Result<std::unique_ptr<Database>> open_writer(const Options& options) {
  VIVID_ASSIGN(std::unique_ptr<Database> database,
               Database::open(options.path.string(), options.vfs, Access::read_write));
  // Looked at before anything is set, so that a file that is not ours stays as it is.
  VIVID_ASSIGN(const int version, version_of(*database, options.path.string()));
  VIVID_TRY(require_known(version, options.path.string()));
  VIVID_TRY(database->run(kSettings));
  VIVID_TRY(require_setting(*database, "PRAGMA journal_mode", "wal"));
  VIVID_TRY(require_setting(*database, "PRAGMA synchronous", "2"));
  VIVID_TRY(require_setting(*database, "PRAGMA foreign_keys", "1"));
  VIVID_TRY(migrate(*database, version));
  return database;
}

Result<std::unique_ptr<Database>> open_reader(const Options& options) {
  return Database::open(options.path.string(), options.vfs, Access::read_only);
}

}  // namespace vivid::queue
