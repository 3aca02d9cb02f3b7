#include "base/error.h"

#include <array>
#include <cerrno>
#include <system_error>

namespace vivid {
namespace {

struct CodeRow {
  ErrorCode code;
  std::string_view text;
  Disposition disposition;
};

constexpr std::array<CodeRow, 18> kCodes{{
    {ErrorCode::invalid_input, "invalid_input", Disposition::fail},
    {ErrorCode::unsupported, "unsupported", Disposition::fail},
    {ErrorCode::not_found, "not_found", Disposition::fail},
    {ErrorCode::already_exists, "already_exists", Disposition::fail},
    {ErrorCode::permission_denied, "permission_denied", Disposition::fail},
    {ErrorCode::too_large, "too_large", Disposition::fail},
    {ErrorCode::cancelled, "cancelled", Disposition::cancel},
    {ErrorCode::start_to_close, "start_to_close", Disposition::retry},
    {ErrorCode::silence, "silence", Disposition::retry},
    {ErrorCode::overall_deadline, "overall_deadline", Disposition::fail},
    {ErrorCode::unavailable, "unavailable", Disposition::retry},
    {ErrorCode::resource_exhausted, "resource_exhausted", Disposition::retry},
    {ErrorCode::disk_full, "disk_full", Disposition::retry},
    {ErrorCode::io_error, "io_error", Disposition::retry},
    {ErrorCode::data_corrupt, "data_corrupt", Disposition::retry},
    {ErrorCode::worker_crashed, "worker_crashed", Disposition::crash},
    {ErrorCode::lease_lost, "lease_lost", Disposition::stale},
    {ErrorCode::internal, "internal", Disposition::retry},
}};

const CodeRow& row_of(ErrorCode code) { return kCodes[static_cast<std::size_t>(code)]; }

constexpr bool rows_are_in_enum_order() {
  for (std::size_t i = 0; i < kCodes.size(); ++i) {
    if (static_cast<std::size_t>(kCodes[i].code) != i) return false;
  }
  return kCodes.size() == static_cast<std::size_t>(ErrorCode::internal) + 1;
}
static_assert(rows_are_in_enum_order());

ErrorCode code_of_errno(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return ErrorCode::disk_full;
    case ENOENT:
    case ENOTDIR:
      return ErrorCode::not_found;
    case EEXIST:
      return ErrorCode::already_exists;
    case EACCES:
    case EPERM:
    case EROFS:
      return ErrorCode::permission_denied;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EAGAIN:
      return ErrorCode::resource_exhausted;
    case EFBIG:
      return ErrorCode::too_large;
    case ECONNREFUSED:
    case ECONNRESET:
    case EPIPE:
    case ETIMEDOUT:
      return ErrorCode::unavailable;
    default:
      return ErrorCode::io_error;
  }
}

}  // namespace

std::string_view to_text(ErrorCode code) { return row_of(code).text; }

ErrorCode error_code_from_text(std::string_view text) {
  for (const CodeRow& row : kCodes) {
    if (row.text == text) return row.code;
  }
  return ErrorCode::internal;
}

Disposition disposition_of(ErrorCode code) { return row_of(code).disposition; }

std::string Error::describe() const {
  std::string text(to_text(code));
  if (!message.empty()) text += ": " + message;
  return text;
}

Error errno_error(int error_number, std::string_view what) {
  return {code_of_errno(error_number), std::string(what) + ": " + std::generic_category().message(error_number)};
}

}  // namespace vivid
