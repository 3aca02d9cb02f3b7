// Who gives out access tokens, in a test: Google's token endpoint, its STS, an impersonation endpoint, a metadata
// server and somebody else's identity provider, at one address. Each token is new, and told.
//
// Threads: every method from any thread. Ownership: the destructor ends the server.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "tests/support/gcs/http_stand_in.h"

namespace vivid::test {

class TokenStandIn {
 public:
  TokenStandIn();

  std::string url() const { return server_.url(); }
  std::string host() const { return "127.0.0.1:" + std::to_string(server_.port()); }
  void set_lifetime(int seconds) { lifetime_seconds_ = seconds; }
  // Answers with this status from now on; 200: well.
  void set_status(int status) { status_ = status; }
  void set_delay_ms(int delay) { delay_ms_ = delay; }

  std::vector<std::string> tokens() const;
  // The forms and bodies that came, by path.
  std::vector<std::string> bodies(const std::string& path) const;
  int requests() const { return requests_; }

 private:
  void handle(StandInExchange& exchange);

  std::atomic<int> lifetime_seconds_{3600};
  std::atomic<int> status_{200};
  std::atomic<int> delay_ms_{0};
  std::atomic<int> requests_{0};
  mutable std::mutex mutex_;
  std::vector<std::string> tokens_;
  std::map<std::string, std::vector<std::string>> bodies_;
  HttpStandIn server_;  // last: it is ended before what it uses
};

// A new RSA key in PEM, small and quick.
std::string make_rsa_key();

}  // namespace vivid::test
