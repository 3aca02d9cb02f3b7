#include "queue/database.h"

#include <sqlite3.h>

#include <utility>

#include "base/check.h"

namespace vivid::queue {
namespace {

constexpr int kBusyTimeoutMs = 5'000;

ErrorCode code_of_sqlite(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return ErrorCode::disk_full;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
      return ErrorCode::io_error;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::data_corrupt;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return ErrorCode::permission_denied;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorCode::unavailable;
    case SQLITE_NOMEM:
      return ErrorCode::resource_exhausted;
    case SQLITE_TOOBIG:
      return ErrorCode::too_large;
    default:
      return ErrorCode::internal;
  }
}

Error error_of(sqlite3* connection, int code) {
  std::string message = std::string("queue file: ") + sqlite3_errstr(code);
  const char* detail = connection != nullptr ? sqlite3_errmsg(connection) : nullptr;
  if (detail != nullptr && std::string_view(detail) != sqlite3_errstr(code)) {
    message += std::string(" (") + detail + ")";
  }
  return {code_of_sqlite(code), std::move(message)};
}

}  // namespace

Cursor::Cursor(Cursor&& other) noexcept
    : database_(other.database_),
      statement_(std::exchange(other.statement_, nullptr)),
      parameter_(other.parameter_),
      bind_code_(other.bind_code_) {}

Cursor::~Cursor() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  // Bound text belongs to the caller and may go now; a kept pointer would be read by the next run.
  sqlite3_clear_bindings(statement_);
}

void Cursor::note(int code) {
  if (code != SQLITE_OK && bind_code_ == SQLITE_OK) bind_code_ = code;
}

void Cursor::bind_value(std::string_view value) {
  // An empty view may hold a null pointer, which SQLite would take for NULL.
  const char* data = value.data() != nullptr ? value.data() : "";
  if (statement_ == nullptr) return;
  note(sqlite3_bind_text64(statement_, ++parameter_, data, value.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void Cursor::bind_value(const std::optional<std::int64_t>& value) { value ? bind_integer(*value) : bind_null(); }

void Cursor::bind_value(const std::optional<WallTime>& value) { value ? bind_value(*value) : bind_null(); }

void Cursor::bind_value(const std::optional<std::string_view>& value) { value ? bind_value(*value) : bind_null(); }

void Cursor::bind_integer(std::int64_t value) {
  if (statement_ != nullptr) note(sqlite3_bind_int64(statement_, ++parameter_, value));
}

void Cursor::bind_null() {
  if (statement_ != nullptr) note(sqlite3_bind_null(statement_, ++parameter_));
}

Result<bool> Cursor::step() {
  if (statement_ == nullptr) return tl::make_unexpected(*database_->failure());
  if (bind_code_ != SQLITE_OK) return tl::make_unexpected(database_->fail_with(bind_code_));
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return tl::make_unexpected(database_->fail_with(code));
}

Status Cursor::run() {
  VIVID_ASSIGN([[maybe_unused]] const bool row, step());
  return {};
}

std::int64_t Cursor::integer(int column) const { return sqlite3_column_int64(statement_, column); }

bool Cursor::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

std::string_view Cursor::text(int column) const {
  const void* data = sqlite3_column_text(statement_, column);
  if (data == nullptr) return {};
  return {static_cast<const char*>(data), static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::optional<WallTime> Cursor::optional_time(int column) const {
  if (is_null(column)) return std::nullopt;
  return time(column);
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path, const std::string& vfs, Access access) {
  const int flags = SQLITE_OPEN_NOMUTEX |
                    (access == Access::read_write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
  // Nobody reads SQLite's memory statistics, and counting them takes a lock at every allocation. Only possible before
  // SQLite's first use in the process; later it stays as it is.
  [[maybe_unused]] static const int without_statistics = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  sqlite3* connection = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &connection, flags, vfs.empty() ? nullptr : vfs.c_str());
  if (code != SQLITE_OK) {
    Error error = error_of(connection, code);
    error.message += ": " + path;
    sqlite3_close_v2(connection);
    return tl::make_unexpected(std::move(error));
  }
  std::unique_ptr<Database> database(new Database(connection));
  sqlite3_extended_result_codes(connection, 1);
  sqlite3_busy_timeout(connection, kBusyTimeoutMs);
  if (access == Access::read_write) {
    // The WAL file is kept and overwritten: creating and removing it would cost a folder sync each time.
    int keep = 1;
    sqlite3_file_control(connection, nullptr, SQLITE_FCNTL_PERSIST_WAL, &keep);
    sqlite3_wal_hook(connection, &Database::on_wal, database.get());
  }
  return database;
}

Database::~Database() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  VIVID_CHECK(sqlite3_close(connection_) == SQLITE_OK);
}

int Database::on_wal(void* self, sqlite3*, const char*, int frames) noexcept {
  static_cast<Database*>(self)->wal_frames_ = frames;
  return SQLITE_OK;
}

Cursor Database::use(const char* sql) {
  sqlite3_stmt*& statement = statements_[sql];
  if (statement == nullptr) {
    const int code = sqlite3_prepare_v3(connection_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) {
      fail_with(code);
      statement = nullptr;
    }
  }
  return Cursor(*this, statement);
}

Status Database::run(const char* sql) {
  const int code = sqlite3_exec(connection_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return tl::make_unexpected(fail_with(code));
  return {};
}

std::int64_t Database::changes() const { return sqlite3_changes64(connection_); }

bool Database::in_transaction() const { return sqlite3_get_autocommit(connection_) == 0; }

Status Database::checkpoint(Checkpoint mode) {
  int frames = 0;
  const int code = sqlite3_wal_checkpoint_v2(
      connection_, nullptr, mode == Checkpoint::passive ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_TRUNCATE,
      &frames, nullptr);
  if (code != SQLITE_OK) return tl::make_unexpected(fail_with(code));
  wal_frames_ = 0;
  return {};
}

Error Database::fail_with(int code) {
  Error error = error_of(connection_, code);
  if (!failure_) failure_ = error;
  return error;
}

}  // namespace vivid::queue
