// Takes submissions in: checks, routes, and answers when the work is safe on disk.
//
// Threads: the loop's; parsing and the text path run on the text pool.
#pragma once

#include <string>

#include "daemon/control/control_server.h"
#include "daemon/intake/submission.h"
#include "daemon/vividd/parts.h"

namespace vivid::daemon {

class Submit {
 public:
  explicit Submit(Parts& parts) : parts_(parts) {}
  void handle(Call call);

 private:
  void take(const std::shared_ptr<Responder>& responder, const Submission& submission);
  // A permanent error is kept once, where the message has an identity, as a job that has failed.
  void reject(const std::shared_ptr<Responder>& responder, const Submission& submission);
  void take_text(const std::shared_ptr<Responder>& responder, const Request& request);
  void take_media(const std::shared_ptr<Responder>& responder, const Request& request);
  Status admit() const;

  Parts& parts_;
};

}  // namespace vivid::daemon
