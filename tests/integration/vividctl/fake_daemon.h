// A scripted daemon in the test's own process: answers JSON-RPC on a Unix socket as the test says, well or badly, dies
// and comes back. And the real vividctl, run against it.
//
// Threads: one of its own for all clients, so handlers run one at a time; requests() may be called from the test.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "base/files.h"
#include "tests/support/temporary_folder.h"

namespace vivid::ctl::test {

using Json = nlohmann::ordered_json;

// One request in a handler's hands, and the client it came from.
class Call {
 public:
  Call(int fd, Json request) : fd_(fd), request_(std::move(request)) {}
  Json params() const { return request_.value("params", Json::object()); }
  void answer(const Json& result) const;
  void refuse(const std::string& code, const std::string& message, int number = -32000) const;
  void notify(const Json& params) const;
  void send_raw(const std::string& bytes) const;
  // Sends the client a signal, as a terminal would.
  void signal_client(int number) const;
  // Closes the client's connection after what was sent.
  void hang_up() const;

 private:
  int fd_;
  Json request_;
};

class FakeDaemon {
 public:
  using Handler = std::function<void(const Call&)>;

  FakeDaemon();
  ~FakeDaemon();

  const std::string& socket_path() const { return socket_path_; }
  const std::filesystem::path& folder() const { return folder_.path(); }
  // What is asked of a method without a handler is answered with "no such method".
  void on(const std::string& method, Handler handler);
  void start();
  // Closes every connection and the socket, as a daemon that ends.
  void stop();
  // The params of each request for this method, in order.
  std::vector<Json> requests(const std::string& method) const;

 private:
  void serve();
  void serve_client(int fd, std::string& buffer);

  const ::vivid::test::TemporaryFolder folder_;
  std::string socket_path_;
  mutable std::mutex mutex_;
  std::map<std::string, Handler> handlers_;
  std::vector<std::pair<std::string, Json>> requests_;
  UniqueFd listener_;
  UniqueFd wake_read_;
  UniqueFd wake_write_;
  std::thread thread_;
};

struct Ran {
  int exit = -1;
  std::string out;
  std::string error;
};

struct RunOptions {
  std::string input;
  bool terminal = false;  // standard output is a terminal of 100×30
  bool close_output = false;
  std::function<void()> while_running;
};
// Runs vividctl against the daemon's socket until it ends; killed after 30 s.
Ran run_vividctl(const FakeDaemon& daemon, std::vector<std::string> arguments, const RunOptions& options = {});

}  // namespace vivid::ctl::test
