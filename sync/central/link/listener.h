// The second connection: hears of new and of cancelled requests. Only hints come this way, so nothing depends on it. It
// is asked now and then whether it still lives, because a connection that hears nothing looks just like a dead one.
//
// Threads: one thread. Ownership: random must outlive it.
// Errors: those of the connection, which is then closed and opened again after a backoff of its own.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sync/central/link/connector.h"

namespace vivid::sync {

class Listener {
 public:
  Listener(const LinkOptions& options, std::shared_ptr<Interrupt> interrupt, Random& random)
      : connector_(options, "listen", std::move(interrupt), random) {}

  SteadyTime due() const { return due_; }
  // Opens it, or asks whether it lives. True: it has just begun to listen, and hints may have been missed before.
  Result<bool> attend(SteadyTime now);
  struct Heard {
    bool requests = false;
    std::vector<std::string> cancelled;
  };
  // What has come since; does not wait.
  Result<Heard> hear();
  // Tells of it and opens it again later.
  void lost(const Error& error, SteadyTime now);
  // Without a word, because the server is known to be away. Opens it again as soon as it is attended to.
  void close();

  bool listens() const { return session_.has_value(); }
  // To wait on, once everything has been heard; -1 while it does not listen.
  int wait_fd() const { return session_ ? session_->wait_fd() : -1; }

 private:
  Connector connector_;
  std::optional<Session> session_;
  SteadyTime due_{};
};

}  // namespace vivid::sync
