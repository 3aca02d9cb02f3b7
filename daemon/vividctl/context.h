// What every command has at hand: the global options, the terminal, and the connection to the daemon, made when first
// needed.
//
// Threads: one thread. Errors: Failure, carried up to report().
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "daemon/vividctl/client.h"
#include "daemon/vividctl/exit_code.h"
#include "daemon/vividctl/json.h"
#include "daemon/vividctl/terminal.h"

namespace vivid::ctl {

struct Globals {
  std::string socket;                         // empty: default_socket()
  std::chrono::milliseconds timeout{10'000};  // for connecting and for each answer
  ColorChoice color = ColorChoice::automatic;
  bool json = false;
};

// $VIVIDCTL_SOCKET, else the first that is there of /run/vividd/control.sock, /var/lib/vividd/control.sock and
// the user's own, $XDG_STATE_HOME/vividd/control.sock or ~/.local/state/vividd/control.sock; else the second.
std::string default_socket(const Environment& environment);

class Context {
 public:
  Context(Globals globals, Environment environment, const Clock& clock);

  const Globals& globals() const { return globals_; }
  const Terminal& terminal() const { return terminal_; }
  // The window may have been resized since.
  void inspect_terminal_again();
  const Clock& clock() const { return clock_; }
  const Environment& environment() const { return environment_; }
  Output& out() { return out_; }

  // The connection, kept for the next call.
  Outcome<Connection*> connection();
  // Another connection after the old one failed.
  void disconnect() { connection_.reset(); }
  Outcome<Json> call(std::string_view method, const Json& params);
  Outcome<Json> call(std::string_view method, const Json& params, std::chrono::milliseconds timeout);

  // Why nothing new starts: lanes that an operator paused, or a drain; nothing when all may start, or nobody says so.
  std::string held_up();

  // One line of JSON on standard output.
  void print(const Json& value);
  // A remark for the person at the terminal, on standard error; nothing with --json.
  void remark(std::string_view text) const;
  // Says what went wrong on standard error, as a sentence or with --json as an object; gives its exit code.
  int report(const Failure& failure);

 private:
  Globals globals_;
  Environment environment_;
  const Clock& clock_;
  Terminal terminal_;
  Output out_;
  std::optional<Connection> connection_;
};

using Action = std::function<Outcome<ExitCode>(Context&)>;

}  // namespace vivid::ctl
