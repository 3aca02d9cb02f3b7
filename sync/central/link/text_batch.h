// The text requests in hand: claimed and not yet answered, and answered and not yet in the database. They stay here
// while the database is away, and are sent again when it is back.
//
// Threads: one thread. Ownership: host must outlive it.
// Errors: of the database; what was in hand stays in hand.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "sync/central/link/slices.h"
#include "sync/central/link/state_book.h"
#include "sync/central/link/text_link.h"

namespace vivid::sync {

class TextBatch {
 public:
  TextBatch(const LinkOptions& options, TextHost& host, const Clock& clock, StateBook<TextLinkState>& state,
            int maximum);

  bool empty() const { return unanswered_.empty() && unsent_.empty(); }
  bool all_answered() const { return unanswered_.empty(); }

  void add(std::vector<ClaimedRequest> requests);
  // Keeps the leases of all that is in hand. What somebody else has taken over, or cancelled, is not answered.
  Status renew(Session& session);
  // As many as can be answered well before the next renewal.
  void answer_some();
  // Given back, for another host to take at once.
  void give_up_unanswered(const std::string& reason);
  // Everything answered goes into the database.
  Status send(Session& session);

 private:
  struct Answered {
    ClaimedRequest request;
    TextOutcome outcome;
    std::string reason;     // of giving it back
    bool replaced = false;  // the answer itself was refused, and this says so
  };
  Status send_releases(Session& session);
  Status send_finals(Session& session);
  void end(Answered& answered, const Settled& settled, std::vector<Answered>& again);
  Answered refused(const Answered& answered, const std::string& error) const;

  const LinkOptions* options_;
  TextHost* host_;
  const Clock* clock_;
  StateBook<TextLinkState>* state_;
  SliceSize slice_;
  std::vector<ClaimedRequest> unanswered_;
  std::vector<Answered> unsent_;
};

}  // namespace vivid::sync
