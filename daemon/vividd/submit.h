// Takes submissions in: checks, routes, and answers when the work is safe on disk.
//
// Threads: the loop's; text requests are parsed and answered on the text pool, all others parsed on the intake pool, so
// that text never waits behind them.
#pragma once

#include <set>
#include <string>

#include "daemon/control/control_server.h"
#include "daemon/intake/submission.h"
#include "daemon/vividd/parts.h"

namespace vivid::daemon {

class Submit {
 public:
  explicit Submit(Parts& parts) : parts_(parts) {}
  void handle(Call call);
  // Whether a job of this id is on its way into the queue.
  bool is_on_its_way(const std::string& uid) const { return on_their_way_.contains(uid); }

 private:
  void take(const std::shared_ptr<Responder>& responder, const Submission& submission);
  // A text answer that an earlier vividd gave under the same id keeps that id.
  void look_for_text(const std::shared_ptr<Responder>& responder, const Request& request);
  // A permanent error is kept once, where the message has an identity, as a job that has failed.
  void reject(const std::shared_ptr<Responder>& responder, const Submission& submission);
  void take_text(const std::shared_ptr<Responder>& responder, const Request& request);
  void take_media(const std::shared_ptr<Responder>& responder, const Request& request);
  void answer_text(const Request& request, const Result<TextAnswer>& answer, Seconds took, Responder& responder);
  // disk_full, or what else keeps the host from taking work in.
  Status admit() const;
  // Whether one more refused message may be kept.
  Status admit_rejected();

  Parts& parts_;
  std::int64_t failed_seen_ = 0;     // jobs, as of the last counts
  std::int64_t rejected_since_ = 0;  // kept after them
  std::multiset<std::string> on_their_way_;
};

}  // namespace vivid::daemon
