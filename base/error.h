// The one error type of the project, and the table that says what to do about each kind.
//
// An error's code says *why* something did not happen, never where; `message` is one sentence for a person and names
// the field, the value and what is allowed. Whoever handles an error decides by disposition_of(code), so that a
// permanent error is never retried and a transient one is never fatal.
//
// Threads: values, no shared state.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace vivid {

// Names equal their text in SQL, metrics and logs (see to_text).
enum class ErrorCode {
  invalid_input,       // the request, script or option itself is wrong
  unsupported,         // well formed, but nothing here can do it
  not_found,           // what was named does not exist
  already_exists,      // a different thing has this name
  permission_denied,   // the file system, the peer or the policy says no
  too_large,           // over a documented limit
  cancelled,           // somebody asked for it to stop
  start_to_close,      // the stage ran past its time limit
  silence,             // the stage reported no progress for too long
  overall_deadline,    // the whole request ran past its time limit
  unavailable,         // a peer or a service does not answer
  resource_exhausted,  // memory, encoder sessions, file descriptors
  disk_full,           // no space, or the quota is used up
  io_error,            // a read, write or sync failed
  data_corrupt,        // a checksum does not match
  worker_crashed,      // the worker process ended while it held the stage
  lease_lost,          // the caller no longer owns what it wanted to change
  internal,            // a library refused in a way nothing above describes
};

enum class Disposition {
  retry,   // after a delay, until attempts run out
  crash,   // counted apart: a job that does this repeatedly is quarantined
  fail,    // at once, and for good
  cancel,  // the job ends as cancelled
  stale,   // nothing to do: somebody else owns the work now
};

std::string_view to_text(ErrorCode code);
// Inverse of to_text; `internal` for a text that no code has.
ErrorCode error_code_from_text(std::string_view text);
Disposition disposition_of(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;

  // "invalid_input: sections[2].title is missing"
  std::string describe() const;
};

// tl::expected that may not be ignored. A class of its own because an alias cannot carry [[nodiscard]].
template <typename T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
  Result(tl::expected<T, Error> other) : tl::expected<T, Error>(std::move(other)) {}
};
using Status = Result<void>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
  return tl::make_unexpected(Error{code, std::move(message)});
}

// An error of the operating system: maps errno (ENOSPC, EACCES, ENOENT, EMFILE …) to a code, and appends its text.
Error errno_error(int error_number, std::string_view what);

}  // namespace vivid

// Returns the error of `expression` from the enclosing function; else goes on.
#define VIVID_TRY(expression)                                          \
  do {                                                                 \
    if (auto vivid_status = (expression); !vivid_status.has_value()) { \
      return tl::make_unexpected(std::move(vivid_status).error());     \
    }                                                                  \
  } while (false)

#define VIVID_CONCAT_INNER(a, b) a##b
#define VIVID_CONCAT(a, b) VIVID_CONCAT_INNER(a, b)
#define VIVID_ASSIGN_INNER(temporary, target, expression)     \
  auto temporary = (expression);                              \
  if (!temporary.has_value()) {                               \
    return tl::make_unexpected(std::move(temporary).error()); \
  }                                                           \
  target = std::move(*temporary)

// VIVID_ASSIGN(auto text, read_file(path)): binds the value, or returns the error from the enclosing function.
#define VIVID_ASSIGN(target, expression) VIVID_ASSIGN_INNER(VIVID_CONCAT(vivid_result_, __LINE__), target, expression)
