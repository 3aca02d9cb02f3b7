// Speaks the worker's side of the protocol and misbehaves as told: at its start by VIVID_TEST_WORKER, in a task by the
// task's input, {"do": "succeed"} or, one for each attempt, {"do": ["crash", "succeed"]}.
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "render/protocol/messages.h"

namespace {

using nlohmann::json;
namespace render = vivid::render;

void send_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(render::kWorkerSocketFd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) ::_exit(0);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void send_line(const std::string& line) { send_all(line + "\n"); }

[[noreturn]] void hang() {
  for (;;) ::pause();
}

// A process of the same group that outlives its parent unless the whole group is ended; it leaves its number behind.
void leave_child(const std::filesystem::path& folder) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGTERM, SIG_IGN);
    hang();
  }
  const int file = ::open((folder / "child").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0640);
  const std::string text = std::to_string(child);
  if (file < 0 || ::write(file, text.data(), text.size()) < 0) ::_exit(9);
  ::close(file);
}

std::string what_to_do(const render::Task& task) {
  const json input = json::parse(task.input, nullptr, false);
  const json what = input.is_object() ? input.value("do", json("succeed")) : json("succeed");
  if (what.is_string()) return what.get<std::string>();
  const auto index = std::min(what.size(), static_cast<std::size_t>(task.attempt)) - 1;
  return what[index].get<std::string>();
}

void run(const render::Task& task) {
  const std::string what = what_to_do(task);
  if (what == "crash") ::raise(SIGKILL);
  if (what == "exit") ::_exit(3);
  if (what == "hang") hang();
  if (what == "ignore_term") {
    ::signal(SIGTERM, SIG_IGN);
    leave_child(task.work_directory);
    send_line(render::encode(render::Progress{0.5, "stuck", 1, 2, 1.0}));
    hang();
  }
  if (what == "progress_then_hang") {
    send_line(render::encode(render::Progress{0.25, "encode", 1, 4, 1.0}));
    hang();
  }
  if (what == "garbage") {
    send_line("{\"type\": \"nonsense\"");
    hang();
  }
  if (what == "flood") {
    const std::string block(1 << 20, 'x');
    for (;;) send_all(block);
  }
  if (what == "fail") {
    send_line(render::encode(render::Failure{{vivid::ErrorCode::invalid_input, "told to fail"}, {}}));
    return;
  }
  if (what == "grow") {
    static std::vector<char> kept;
    kept.assign(96U << 20, 'x');
  }
  send_line(render::encode(render::StageResult{}));
}

}  // namespace

int main() {
  const char* start = std::getenv("VIVID_TEST_WORKER");
  const std::string mode = start == nullptr ? "" : start;
  if (mode == "exit") return 3;
  if (mode == "silent") hang();
  send_line(render::encode(render::Hello{::getpid(), "test", {"test_encoder"}}));
  if (mode == "exit_after_hello") return 4;
  std::string buffer;
  for (;;) {
    char piece[65536];
    const ssize_t count = ::recv(render::kWorkerSocketFd, piece, sizeof(piece), 0);
    if (count <= 0) return 0;
    buffer.append(piece, static_cast<std::size_t>(count));
    for (std::size_t end = buffer.find('\n'); end != std::string::npos; end = buffer.find('\n')) {
      const auto task = render::decode_task(buffer.substr(0, end));
      buffer.erase(0, end + 1);
      if (!task) return 5;
      run(*task);
    }
  }
}
