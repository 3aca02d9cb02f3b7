// One SQLite connection and its prepared statements, spoken to in Result and never in SQLite's own types.
//
// Threads: a Database belongs to one thread at a time.
// Ownership: the connection owns its statements. A Cursor borrows one, and resets it when it goes; its text() is valid
// until the next step. Text bound to a cursor must live until the cursor is gone.
// Errors: disk_full, io_error, data_corrupt, permission_denied, unavailable (somebody else holds the file's lock),
// resource_exhausted, too_large, internal. failed() stays true after a statement failed, until clear_failure().
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace vivid::queue {

class Database;

class Cursor {
 public:
  Cursor(Database& database, sqlite3_stmt* statement) : database_(&database), statement_(statement) {}
  Cursor(Cursor&& other) noexcept;
  Cursor(const Cursor&) = delete;
  ~Cursor();

  template <typename... Values>
  Cursor& bind(const Values&... values) {
    (bind_value(values), ...);
    return *this;
  }
  // True: a row is there to be read. False: no (more) rows.
  Result<bool> step();
  // For statements without rows.
  Status run();

  std::int64_t integer(int column) const;
  int small(int column) const { return static_cast<int>(integer(column)); }
  bool is_null(int column) const;
  std::string_view text(int column) const;
  std::string string(int column) const { return std::string(text(column)); }
  WallTime time(int column) const { return WallTime(std::chrono::microseconds(integer(column))); }
  std::optional<WallTime> optional_time(int column) const;

 private:
  template <std::integral Integer>
  void bind_value(Integer value) {
    bind_integer(static_cast<std::int64_t>(value));
  }
  void bind_value(std::string_view value);
  void bind_value(const std::string& value) { bind_value(std::string_view(value)); }
  void bind_value(const char* value) { bind_value(std::string_view(value)); }
  void bind_value(WallTime value) { bind_integer(value.time_since_epoch().count()); }
  void bind_value(const std::optional<std::int64_t>& value);
  void bind_value(const std::optional<WallTime>& value);
  void bind_value(const std::optional<std::string_view>& value);
  void bind_integer(std::int64_t value);
  void bind_null();
  void note(int code);

  Database* database_;
  sqlite3_stmt* statement_;
  int parameter_ = 0;
  int bind_code_ = 0;
};

enum class Access { read_only, read_write };

class Database {
 public:
  static Result<std::unique_ptr<Database>> open(const std::string& path, const std::string& vfs, Access access);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // The statement for this text, prepared at its first use and kept. The key is the address, so `sql` must be a
  // constant.
  Cursor use(const char* sql);
  // Runs one or more statements without values.
  Status run(const char* sql);
  // Rows that the last statement inserted, changed or removed.
  std::int64_t changes() const;
  bool in_transaction() const;

  // Moves what it can of the WAL into the file; `truncate` waits for readers and empties the WAL.
  enum class Checkpoint { passive, truncate };
  Status checkpoint(Checkpoint mode);
  // Frames in the WAL after the last commit.
  int wal_frames() const { return wal_frames_; }

  bool failed() const { return failure_.has_value(); }
  // What the first failed statement since the last clear_failure() said.
  const std::optional<Error>& failure() const { return failure_; }
  void clear_failure() { failure_.reset(); }

 private:
  friend class Cursor;
  explicit Database(sqlite3* connection) : connection_(connection) {}
  Error fail_with(int code);
  static int on_wal(void* self, sqlite3* connection, const char* name, int frames) noexcept;

  sqlite3* connection_;
  std::unordered_map<const char*, sqlite3_stmt*> statements_;
  std::optional<Error> failure_;
  int wal_frames_ = 0;
};

}  // namespace vivid::queue
