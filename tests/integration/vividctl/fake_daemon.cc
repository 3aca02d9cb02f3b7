#include "tests/integration/vividctl/fake_daemon.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "base/check.h"

namespace vivid::ctl::test {
namespace {

constexpr int kKillAfterSeconds = 30;

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  VIVID_CHECK(::pipe2(ends.data(), O_CLOEXEC) == 0);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// Reads until the other end closes (a terminal says so with EIO).
void drain_into(int fd, std::string& text, bool& open) {
  std::array<char, 4096> chunk;
  const ssize_t count = ::read(fd, chunk.data(), chunk.size());
  if (count > 0) {
    text.append(chunk.data(), static_cast<std::size_t>(count));
  } else if (count == 0 || errno != EINTR) {
    open = false;
  }
}

[[noreturn]] void become_vividctl(const std::vector<std::string>& arguments, const std::string& socket) {
  ::setenv("VIVIDCTL_SOCKET", socket.c_str(), 1);
  ::setenv("LANG", "C.UTF-8", 1);
  ::setenv("TERM", "xterm-256color", 1);
  ::unsetenv("LC_ALL");
  ::unsetenv("NO_COLOR");
  ::alarm(kKillAfterSeconds);
  std::vector<char*> argv;
  std::string program = VIVIDCTL_PATH;
  argv.push_back(program.data());
  std::vector<std::string> copies = arguments;
  for (std::string& argument : copies) argv.push_back(argument.data());
  argv.push_back(nullptr);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

}  // namespace

void Call::send_raw(const std::string& bytes) const {
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const ssize_t sent = ::send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void Call::answer(const Json& result) const {
  send_raw(Json{{"jsonrpc", "2.0"}, {"id", request_.at("id")}, {"result", result}}.dump() + "\n");
}

void Call::refuse(const std::string& code, const std::string& message, int number) const {
  const Json error{{"code", number}, {"message", message}, {"data", {{"code", code}, {"retryable", false}}}};
  send_raw(Json{{"jsonrpc", "2.0"}, {"id", request_.at("id")}, {"error", error}}.dump() + "\n");
}

void Call::notify(const Json& params) const {
  send_raw(Json{{"jsonrpc", "2.0"}, {"method", "progress"}, {"params", params}}.dump() + "\n");
}

void Call::signal_client(int number) const {
  ucred peer{};
  socklen_t size = sizeof(peer);
  VIVID_CHECK(::getsockopt(fd_, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid > 0);
  ::kill(peer.pid, number);
}

void Call::hang_up() const { ::shutdown(fd_, SHUT_RDWR); }

FakeDaemon::FakeDaemon() {
  socket_path_ = folder_ / "control.sock";
  start();
}

FakeDaemon::~FakeDaemon() { stop(); }

void FakeDaemon::on(const std::string& method, Handler handler) {
  const std::lock_guard lock(mutex_);
  handlers_[method] = std::move(handler);
}

void FakeDaemon::start() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket_path_.c_str(), sizeof(address.sun_path) - 1);
  listener_ = UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  VIVID_CHECK(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  VIVID_CHECK(::listen(listener_.get(), 8) == 0);
  Pipe wake = make_pipe();
  wake_read_ = std::move(wake.read);
  wake_write_ = std::move(wake.write);
  thread_ = std::thread([this] { serve(); });
}

void FakeDaemon::stop() {
  if (!thread_.joinable()) return;
  wake_write_.reset();
  thread_.join();
  listener_.reset();
  ::unlink(socket_path_.c_str());
}

std::vector<Json> FakeDaemon::requests(const std::string& method) const {
  const std::lock_guard lock(mutex_);
  std::vector<Json> found;
  for (const auto& [name, params] : requests_) {
    if (name == method) found.push_back(params);
  }
  return found;
}

void FakeDaemon::serve() {
  std::map<int, std::pair<UniqueFd, std::string>> clients;
  for (;;) {
    std::vector<pollfd> waiting{{wake_read_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
    for (const auto& [fd, client] : clients) waiting.push_back({fd, POLLIN, 0});
    if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;
    if (waiting[0].revents != 0) return;
    if ((waiting[1].revents & POLLIN) != 0) {
      const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
      if (fd >= 0) clients[fd] = {UniqueFd(fd), ""};
    }
    for (std::size_t i = 2; i < waiting.size(); ++i) {
      if (waiting[i].revents == 0) continue;
      const int fd = waiting[i].fd;
      std::array<char, 65'536> chunk;
      const ssize_t count = ::recv(fd, chunk.data(), chunk.size(), 0);
      if (count <= 0) {
        clients.erase(fd);
        continue;
      }
      std::string& buffer = clients[fd].second;
      buffer.append(chunk.data(), static_cast<std::size_t>(count));
      serve_client(fd, buffer);
    }
  }
}

void FakeDaemon::serve_client(int fd, std::string& buffer) {
  for (std::size_t end = buffer.find('\n'); end != std::string::npos; end = buffer.find('\n')) {
    const Json request = Json::parse(buffer.substr(0, end));
    buffer.erase(0, end + 1);
    const std::string method = request.at("method");
    const Call call(fd, request);
    Handler handler;
    {
      const std::lock_guard lock(mutex_);
      requests_.emplace_back(method, call.params());
      if (handlers_.contains(method)) handler = handlers_.at(method);
    }
    if (handler) {
      handler(call);
    } else {
      call.refuse("unsupported", "no such method", -32601);
    }
  }
}

Ran run_vividctl(const FakeDaemon& daemon, std::vector<std::string> arguments, const RunOptions& options) {
  Pipe input = make_pipe();
  Pipe error = make_pipe();
  Pipe output = make_pipe();
  UniqueFd terminal;
  UniqueFd terminal_end;
  if (options.terminal) {
    const winsize size{30, 100, 0, 0};
    int outer = -1;
    int inner = -1;
    VIVID_CHECK(::openpty(&outer, &inner, nullptr, nullptr, &size) == 0);
    terminal = UniqueFd(outer);
    terminal_end = UniqueFd(inner);
  }
  const pid_t child = ::fork();
  VIVID_CHECK(child >= 0);
  if (child == 0) {
    ::dup2(input.read.get(), STDIN_FILENO);
    ::dup2(options.terminal ? terminal_end.get() : output.write.get(), STDOUT_FILENO);
    ::dup2(error.write.get(), STDERR_FILENO);
    become_vividctl(arguments, daemon.socket_path());
  }
  input.read.reset();
  output.write.reset();
  error.write.reset();
  terminal_end.reset();
  if (options.close_output) output.read.reset();
  VIVID_CHECK(::write(input.write.get(), options.input.data(), options.input.size()) ==
              static_cast<ssize_t>(options.input.size()));
  input.write.reset();
  std::thread meanwhile([&] {
    if (options.while_running) options.while_running();
  });
  Ran ran;
  bool out_open = !options.close_output;
  bool error_open = true;
  const int out_fd = options.terminal ? terminal.get() : output.read.get();
  while (out_open || error_open) {
    std::array<pollfd, 2> waiting{pollfd{out_open ? out_fd : -1, POLLIN, 0},
                                  pollfd{error_open ? error.read.get() : -1, POLLIN, 0}};
    if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;
    if (waiting[0].revents != 0) drain_into(out_fd, ran.out, out_open);
    if (waiting[1].revents != 0) drain_into(error.read.get(), ran.error, error_open);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  meanwhile.join();
  ran.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ran;
}

}  // namespace vivid::ctl::test
