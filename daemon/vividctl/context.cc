#include "daemon/vividctl/context.h"

#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "daemon/vividctl/status_view.h"
#include "daemon/vividctl/text.h"

namespace vivid::ctl {
namespace {

// Of a daemon that an ordinary user has started without saying where its state is to lie; empty: no such place.
std::string own_socket(const Environment& environment) {
  if (const auto base = environment("XDG_STATE_HOME"); base && !base->empty()) return *base + "/vividd/control.sock";
  if (const auto home = environment("HOME"); home && !home->empty()) return *home + "/.local/state/vividd/control.sock";
  return "";
}

}  // namespace

std::string default_socket(const Environment& environment) {
  if (std::optional<std::string> named = environment("VIVIDCTL_SOCKET"); named && !named->empty()) return *named;
  const std::string system = "/var/lib/vividd/control.sock";
  for (const std::string& path : {std::string("/run/vividd/control.sock"), system, own_socket(environment)}) {
    if (!path.empty() && ::access(path.c_str(), F_OK) == 0) return path;
  }
  return system;
}

Context::Context(Globals globals, Environment environment, const Clock& clock)
    : globals_(std::move(globals)), environment_(std::move(environment)), clock_(clock) {
  if (globals_.socket.empty()) globals_.socket = default_socket(environment_);
  inspect_terminal_again();
}

void Context::inspect_terminal_again() { terminal_ = inspect_terminal(globals_.color, environment_); }

Outcome<Connection*> Context::connection() {
  if (!connection_) {
    VIVID_ASSIGN(connection_, Connection::open(globals_.socket, globals_.timeout));
  }
  return &*connection_;
}

Outcome<Json> Context::call(std::string_view method, const Json& params) {
  return call(method, params, globals_.timeout);
}

Outcome<Json> Context::call(std::string_view method, const Json& params, std::chrono::milliseconds timeout) {
  VIVID_ASSIGN(Connection* const peer, connection());
  return peer->call(method, params, timeout);
}

std::string Context::held_up() {
  const Outcome<Json> status = call("status", Json::object());
  if (!status) return {};
  const std::string state = text_at(*status, "state");
  return state == "draining" || state == "stopping" ? "vividd is " + state : pause_text(*status);
}

void Context::print(const Json& value) { out_.line(to_line(value)); }

void Context::remark(std::string_view text) const {
  if (!globals_.json) std::fprintf(stderr, "%s\n", printable_lines(text).c_str());
}

int Context::report(const Failure& failure) {
  out_.flush();
  const int exit = static_cast<int>(failure.exit);
  if (globals_.json) {
    const Json error{{"error", {{"code", failure.code}, {"message", failure.message}}}, {"exit", exit}};
    std::fprintf(stderr, "%s\n", to_line(error).c_str());
  } else {
    std::fprintf(stderr, "vividctl: %s\n", printable_lines(failure.message).c_str());
  }
  return exit;
}

}  // namespace vivid::ctl
