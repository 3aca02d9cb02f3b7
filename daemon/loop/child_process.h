// A child in a session and process group of its own, so that it and all it starts can be ended together.
//
// Threads: the loop's. Callbacks come from the loop, never from within a call on the object, and may destroy it.
// Ownership: destroying a ChildProcess kills its group; the loop reaps it later.
// Errors: spawn() answers what the system said (not_found, permission_denied, resource_exhausted).
#pragma once

#include <uv.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace vivid::daemon {

struct ChildExit {
  std::int64_t status = 0;
  int signal = 0;  // 0: it ended by itself

  bool success() const { return status == 0 && signal == 0; }
  // "was killed by SIGSEGV", "ended with status 3"
  std::string describe() const;
};

struct ChildOptions {
  std::vector<std::string> arguments;  // the program first
  // Descriptor 3: a socket both ways, one message a line.
  bool with_channel = false;
  std::size_t max_message_bytes = 8 * 1024 * 1024;
  // Standard input is a pipe; else it is empty.
  bool with_input = false;
  std::vector<std::string> extra_environment;  // NAME=value, beside the daemon's own
};

struct ChildEvents {
  std::function<void(std::string_view line)> on_output;   // standard output and standard error
  std::function<void(std::string_view line)> on_message;  // from descriptor 3, whole lines alone
  std::function<void()> on_bad_message;                   // a message longer than allowed; nothing more is read
  // Once, last: the process is gone and what it wrote has been read.
  std::function<void(const ChildExit& exit)> on_exit;
};

class ChildProcess {
 public:
  static Result<std::unique_ptr<ChildProcess>> spawn(uv_loop_t* loop, const ChildOptions& options, ChildEvents events);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  std::int32_t pid() const;
  // Clock ticks from boot to the start of the process: with the pid, a name that is never given twice.
  std::uint64_t start_ticks() const;

  void send(std::string line);          // to descriptor 3; the newline is added
  void close_channel();                 // a worker takes this as the end
  void write_input(std::string bytes);  // to standard input, and closes it
  // SIGTERM to the group, SIGKILL after `grace`. Called again, the earlier of the two ends counts.
  void end(std::chrono::milliseconds grace);

 private:
  struct State;
  explicit ChildProcess(State* state) : state_(state) {}
  State* state_;
};

}  // namespace vivid::daemon
