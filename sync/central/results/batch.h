// Applies one batch of deliveries in one transaction: lock, look, judge, write, remember, commit. The number of
// statements does not depend on the number of deliveries.
//
// Threads: pure function over a session. Errors: nothing of the batch has been applied, unless the connection broke in
// the commit: then nobody knows, and sending it again is safe.
#pragma once

#include <vector>

#include "sync/central/results/verdicts.h"
#include "sync/central/session/session.h"

namespace vivid::sync {

// One verdict for each, in order.
SqlResult<std::vector<Verdict>> apply_batch(Session& session, const NodeIdentity& node,
                                            const std::vector<Examined>& batch);

}  // namespace vivid::sync
