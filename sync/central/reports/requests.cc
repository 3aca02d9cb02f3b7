#include "sync/central/reports/requests.h"

#include <optional>

#include "base/uuid.h"
#include "sync/central/reports/document.h"
#include "sync/central/reports/sql.h"

namespace vivid::sync {
namespace {

constexpr std::size_t kShortestBeginning = 4;

// The lowest or highest id that begins so, if any can.
std::optional<std::string> filled_up(std::string beginning, char digit) {
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  if (beginning.size() < kShortestBeginning || beginning.size() > kForm.size()) return std::nullopt;
  for (std::size_t at = beginning.size(); at < kForm.size(); ++at) beginning += kForm[at] == '-' ? '-' : digit;
  const auto id = Uuid::parse(beginning);
  return id ? std::optional(id->to_text()) : std::nullopt;
}

Result<std::string> of_request(Result<std::optional<std::string>> found, const std::string& id) {
  VIVID_ASSIGN(auto text, std::move(found));
  if (!text) return fail(ErrorCode::not_found, "there is no request " + id);
  return std::move(*text);
}

}  // namespace

Result<std::string> insert_request(Session& session, const std::string& request) {
  const std::string what = "cannot insert the request";
  VIVID_ASSIGN(auto answer, document(session, sql::kInsertRequest, {request}, what));
  // Somebody inserted it in between, out of sight of the statement; the next one sees it.
  if (!answer) return sure_document(session, sql::kInsertRequest, {request}, what);
  return std::move(*answer);
}

Result<bool> create_student(Session& session, const std::string& student_id) {
  VIVID_ASSIGN(const auto made, rows(session, sql::kCreateStudent, {student_id}, "cannot create the student"));
  return !made.empty();
}

Result<std::string> find_request(Session& session, const std::string& name) {
  const SqlRow parameters{filled_up(name, '0'), filled_up(name, 'f'), name};
  VIVID_ASSIGN(const auto found, rows(session, sql::kFindRequest, parameters, "cannot look for the request"));
  if (found.empty()) return fail(ErrorCode::not_found, "there is no request '" + name + "'");
  if (found.size() > 1) return fail(ErrorCode::invalid_input, "several requests begin with '" + name + "'");
  return found.front().front().value_or("");
}

Result<std::string> show_request(Session& session, const std::string& id) {
  return of_request(document(session, sql::kShowRequest, {id}, "cannot read the request"), id);
}

Result<std::string> list_requests(Session& session, const std::vector<std::string>& statuses, int limit) {
  const SqlText wanted = statuses.empty() ? SqlText() : SqlText(array_of(statuses));
  return sure_document(session, sql::kListRequests, {wanted, std::to_string(limit)}, "cannot list the requests");
}

Result<std::string> request_states(Session& session, const std::string& ids) {
  return sure_document(session, sql::kRequestStates, {ids}, "cannot follow the request");
}

Result<std::string> cancel_request(Session& session, const std::string& id, const std::string& host) {
  return of_request(document(session, sql::kCancelRequest, {id, host}, "cannot cancel the request"), id);
}

Result<std::string> retry_request(Session& session, const std::string& id, const std::string& host) {
  return of_request(document(session, sql::kRetryRequest, {id, host}, "cannot retry the request"), id);
}

}  // namespace vivid::sync
