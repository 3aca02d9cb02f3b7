// Requests as operators handle them: made as the platform's API makes them, shown, listed, cancelled, tried again.
//
// Documents: see the SQL files of the same names. Threads: one session, one thread. Errors: as document.h says;
// not_found for a request that is not there.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "sync/central/session/session.h"

namespace vivid::sync {

// {"outcome", …}, see insert_request.sql; the same id twice is one request.
Result<std::string> insert_request(Session& session, const std::string& request);
// A user of that id who cannot log in. False: there was one.
Result<bool> create_student(Session& session, const std::string& student_id);

// Of an id, its first characters (at least 4), or a correlation id: the id. invalid_input when several begin so.
Result<std::string> find_request(Session& session, const std::string& name);
Result<std::string> show_request(Session& session, const std::string& id);
// No statuses: all.
Result<std::string> list_requests(Session& session, const std::vector<std::string>& statuses, int limit);
// `ids`: JSON list.
Result<std::string> request_states(Session& session, const std::string& ids);

// `host` asks for it, and is named in the event.
Result<std::string> cancel_request(Session& session, const std::string& id, const std::string& host);
Result<std::string> retry_request(Session& session, const std::string& id, const std::string& host);

}  // namespace vivid::sync
