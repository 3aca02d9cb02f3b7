// HTTP for machines on this host: /metrics (Prometheus text), /healthz (is the loop alive), /readyz (may work be sent).
//
// Threads: a few of its own; the callbacks run on them, several at once, and may block briefly (a database read).
// beat() may be called from any thread.
// Ownership: the destructor stops the threads; callbacks are not called after it.
// Errors: start() returns a clear error for an address or port that cannot be bound.
// Bounds: header size, time for a request, threads. GET and HEAD alone; no bodies are read.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/error.h"

namespace vivid::daemon {

struct Readiness {
  bool ready = false;
  // Why not: "draining", "disk_full" …; of one that is ready, what an operator should know all the same.
  std::string reason;
};

struct HttpOptions {
  std::string address = "127.0.0.1";  // IPv4: Debian builds civetweb without IPv6
  int port = 9464;                    // 0: a free one; see HttpServer::port
  int threads = 4;
  std::chrono::milliseconds request_timeout{5'000};
  std::chrono::milliseconds heartbeat_limit{10'000};  // a loop silent for longer is not alive
  std::function<std::string()> metrics;               // the whole text; set gauges afresh in it
  std::function<Readiness()> readiness;
};

class HttpServer {
 public:
  // Serves from here on; counts as alive for one heartbeat_limit. `clock` must outlive the server.
  static Result<std::unique_ptr<HttpServer>> start(HttpOptions options, const Clock& clock);
  virtual ~HttpServer() = default;

  // The port that was bound.
  virtual int port() const = 0;
  // The loop is alive: call it from a loop timer, about once a second.
  virtual void beat() = 0;
};

}  // namespace vivid::daemon
