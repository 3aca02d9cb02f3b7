// A statement of this folder, run: each answers with one JSON document, made by the server, so that what operators see
// and what --json prints are the same. Times in it are RFC 3339 in UTC, amounts of money decimal text.
//
// Threads: one session, one thread.
// Errors: unavailable without a connection; unsupported for a database that has not been migrated far enough;
// invalid_input for a value that the server refuses (SQLSTATE class 22 and 23); else as to_error says.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "sync/central/session/session.h"

namespace vivid::sync {

// The document, if the statement found one. `what` is for the error's message: "cannot read the fleet".
Result<std::optional<std::string>> document(Session& session, std::string_view sql, const SqlRow& parameters,
                                            const std::string& what);
// As above, of a statement that always finds one.
Result<std::string> sure_document(Session& session, std::string_view sql, const SqlRow& parameters,
                                  const std::string& what);

// The rows themselves, with the same errors.
Result<std::vector<SqlRow>> rows(Session& session, std::string_view sql, const SqlRow& parameters,
                                 const std::string& what);

// {a,b}: an array of words for $n::text[].
std::string array_of(const std::vector<std::string>& words);

}  // namespace vivid::sync
