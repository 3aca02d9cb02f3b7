#include "sync/central/reports/document.h"

namespace vivid::sync {
namespace {

// A table, column or schema that is not there.
bool is_missing_object(const std::string& state) { return state == "42P01" || state == "42703" || state == "3F000"; }

Error as_error(const SqlError& error, const std::string& what) {
  if (is_missing_object(error.state)) {
    return {ErrorCode::unsupported,
            what + ": the database lacks what this needs; 'vividctl migrate status' says where it stands (" +
                error.message + ")"};
  }
  if (error.state.starts_with("22") || error.state.starts_with("23")) {
    return {ErrorCode::invalid_input, what + ": " + error.message};
  }
  return to_error(error, what);
}

}  // namespace

Result<std::vector<SqlRow>> rows(Session& session, std::string_view sql, const SqlRow& parameters,
                                 const std::string& what) {
  auto found = session.run(std::string(sql), parameters);
  if (!found) return tl::make_unexpected(as_error(found.error(), what));
  return std::move(*found);
}

Result<std::optional<std::string>> document(Session& session, std::string_view sql, const SqlRow& parameters,
                                            const std::string& what) {
  VIVID_ASSIGN(const auto found, rows(session, sql, parameters, what));
  if (found.empty()) return std::optional<std::string>();
  return found.front().front();
}

Result<std::string> sure_document(Session& session, std::string_view sql, const SqlRow& parameters,
                                  const std::string& what) {
  VIVID_ASSIGN(auto found, document(session, sql, parameters, what));
  if (!found) return fail(ErrorCode::internal, what + ": the server's answer is empty");
  return std::move(*found);
}

std::string array_of(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
  return "{" + text + "}";
}

}  // namespace vivid::sync
