// A small HTTP/1.1 server inside a test: real sockets, one thread a connection, and a handler that may answer well,
// badly or not at all.
//
// Threads: the handler runs on connections' threads, several at once. Ownership: the destructor closes every connection
// and joins.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace vivid::test {

struct StandInRequest {
  std::string method;
  std::string path;                            // still encoded
  std::map<std::string, std::string> query;    // decoded
  std::map<std::string, std::string> headers;  // names in lower case
  std::uint64_t content_length = 0;

  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

// One request and the connection it came on.
class StandInExchange {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;
  using Sink = std::function<bool(std::span<const char> bytes)>;

  StandInExchange(int fd, std::string& buffer, StandInRequest received, const std::atomic<bool>& stopping)
      : request(std::move(received)), fd_(fd), buffer_(buffer), stopping_(stopping) {}

  // Until the body is read, the sink says false, or the client is gone; true: all of it was read.
  bool read_body(const Sink& sink);
  // The body, when it is small.
  std::string body();
  void respond(int status, const std::string& content, const Headers& headers = {});
  // Says that there is more than is sent, and closes.
  void respond_cut(int status, const std::string& content, const Headers& headers = {});
  // Closes the connection: with a reset, or as if it had been done.
  void reset();
  void close() { open_ = false; }
  // Says nothing until the client goes away or the server ends.
  void stall();

  bool open() const { return open_; }
  bool body_read() const { return read_bytes_ == request.content_length; }

  const StandInRequest request;

 private:
  bool send(const std::string& text);
  std::string head(int status, std::size_t length, const Headers& headers) const;

  const int fd_;
  std::string& buffer_;  // read, and not used yet
  const std::atomic<bool>& stopping_;
  std::uint64_t read_bytes_ = 0;
  bool open_ = true;
};

class HttpStandIn {
 public:
  using Handler = std::function<void(StandInExchange&)>;
  // `port` 0 takes a free one.
  explicit HttpStandIn(Handler handler, int port = 0);
  ~HttpStandIn();
  HttpStandIn(const HttpStandIn&) = delete;
  HttpStandIn& operator=(const HttpStandIn&) = delete;

  int port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  // The most connections that were open at once.
  int most_connections() const { return most_connections_; }

 private:
  void accept_all();
  void serve(int fd);

  const Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<int> most_connections_{0};
  std::mutex mutex_;
  std::set<int> open_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

// "a%2Fb" as "a/b".
std::string percent_decoded(const std::string& text);

}  // namespace vivid::test
