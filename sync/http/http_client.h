// All HTTP that leaves the host: libcurl's multi interface on an event loop of its own, so that hundreds of requests
// are under way and nobody's loop waits for one.
//
// Threads: every method from any thread; `done` is called once, on the client's thread, and must be quick. exchange()
// blocks its caller, never the client. A file that is sent is read on the client's thread, as the network takes it.
// Ownership: the destructor ends what is under way (`cancelled`) and joins the thread.
// Errors: those of a request that got no whole answer: unavailable (network, TLS, time), too_large, cancelled,
// invalid_input (URL), io_error (the file), resource_exhausted (too many under way). An answer of any status is none.
// Bounds: requests under way, connections, connections to one host; sizes and times by request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "sync/http/http_message.h"

namespace vivid::sync {

class HttpClient {
 public:
  struct Options {
    int max_connections_per_host = 64;
    int max_connections = 256;
    std::size_t max_under_way = 1024;
    std::uint64_t upload_bytes_per_second = 0;  // of files, all together; 0: no limit
    std::string ca_file;                        // PEM; empty: the system's authorities
  };
  using Ticket = std::uint64_t;
  using Done = std::function<void(Result<HttpResponse>)>;

  static Result<std::unique_ptr<HttpClient>> start(Options options);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Ends what is under way, and takes nothing more: whoever waits in exchange() comes back at once.
  void stop();

  Ticket send(HttpRequest request, Done done);
  // Nothing happens when it is over already.
  void cancel(Ticket ticket);

  // Called on the waiting thread a few times a second with the bytes of the body that are sent; false cancels.
  using Watch = std::function<bool(std::uint64_t sent_bytes)>;
  // Sends, and waits for the answer.
  Result<HttpResponse> exchange(HttpRequest request, const Watch& watch = {});

 private:
  class Loop;
  explicit HttpClient(std::unique_ptr<Loop> loop);

  std::unique_ptr<Loop> loop_;
};

}  // namespace vivid::sync
