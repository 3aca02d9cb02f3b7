// Compares a database with what the revisions should have made of it, object by object.
//
// Threads: one thread. Errors: SqlError of the session.
#pragma once

#include <string>
#include <vector>

#include "sync/central/migrate/revision.h"
#include "sync/central/session/session.h"

namespace vivid::sync {

struct Finding {
  int revision = 0;
  std::string object;   // "column users.language_preference"
  std::string problem;  // "is missing"
};

struct Inspection {
  int objects = 0;
  int missing = 0;
  std::vector<Finding> findings;

  bool clean() const { return findings.empty(); }
  bool absent() const { return missing == objects; }
};

SqlResult<Inspection> inspect(Session& session, const Revision& revision);

// Which revision a database without a ledger is at: all of its objects, and all before, are as they should be, and
// nothing of a later one is there. Anything between is not guessed at: `findings` says what stands in the way.
struct Recognition {
  int revision = 0;
  std::vector<Finding> findings;
};
SqlResult<Recognition> recognise(Session& session, const std::vector<Revision>& revisions);

}  // namespace vivid::sync
