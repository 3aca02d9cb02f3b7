// The text requests in hand: claimed and not yet answered, and answered and not yet in the database. They stay here
// while the database is away, and are sent again when it is back.
//
// Answers can be on their way on a session of their own, while the next requests are claimed and answered.
//
// Threads: one thread; what is on its way is sent by another, which tells of its end. Ownership: host must outlive it,
// and a session what is on its way on it.
// Errors: of the database; what was in hand stays in hand.
#pragma once

#include <atomic>
#include <functional>
#include <future>
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

  bool empty() const { return unanswered_.empty() && unsent_.empty() && !is_sending(); }
  bool all_answered() const { return unanswered_.empty(); }
  // Answered and not on their way.
  std::size_t unsent() const { return unsent_.size(); }

  void add(std::vector<ClaimedRequest> requests);
  // Keeps the leases of all that is in hand. What somebody else has taken over, or cancelled, is not answered.
  Status renew(Session& session);
  // As many as can be answered well before the next renewal.
  void answer_some();
  // Given back, for another host to take at once.
  void give_up_unanswered(const std::string& reason);
  // Everything answered goes into the database, what is on its way first.
  Status send(Session& session);

  // Gives back what could not be answered, on `session`; then sends the answers on `another`, which is not to be used
  // until has_sent(). `sent` is called on that thread at the end. Nothing must be on its way.
  Status start_sending(Session& session, Session& another, std::function<void()> sent);
  bool is_sending() const { return sending_.valid(); }
  bool has_sent() const { return arrived_; }
  // Takes up what became of what was on its way; waits for it. What did not arrive is in hand again.
  Status end_sending();

 private:
  struct Answered {
    ClaimedRequest request;
    TextOutcome outcome;
    std::string reason;     // of giving it back
    bool replaced = false;  // the answer itself was refused, and this says so
  };
  // What was sent, part by part, as far as it went.
  struct Sent {
    Status status;
    std::vector<Settled> settled;
  };
  static Sent deliver_all(Session& session, const NodeIdentity& node, const std::vector<Answered>& answers);

  Status send_releases(Session& session);
  Status take_up(Sent sent, std::vector<Answered> answers);
  void end(Answered& answered, const Settled& settled, std::vector<Answered>& again);
  Answered refused(const Answered& answered, const std::string& error) const;

  const LinkOptions* options_;
  TextHost* host_;
  const Clock* clock_;
  StateBook<TextLinkState>* state_;
  SliceSize slice_;
  std::vector<ClaimedRequest> unanswered_;
  std::vector<Answered> unsent_;
  std::vector<Answered> on_their_way_;
  std::future<Sent> sending_;
  std::atomic<bool> arrived_{false};  // set before the caller is told, unlike the future
};

}  // namespace vivid::sync
