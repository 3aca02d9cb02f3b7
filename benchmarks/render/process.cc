#include "process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "base/files.h"
#include "settings.h"

namespace vivid::bench {
namespace {

constexpr std::uint64_t kMaxTextBytes = 64 << 20;
constexpr std::size_t kShownBytes = 2'000;

// `input` and `output`: descriptors for the program; -1: nothing to read, and the command's own output.
pid_t start(const Command& command, int input, int output) {
  std::vector<std::string> arguments = command.arguments;
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid < 0) give_up("cannot fork");
  if (pid > 0) return pid;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int log = ::open(command.log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (input < 0) input = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (output < 0 && !command.output.empty()) {
    output = ::open(command.output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  }
  ::dup2(input, STDIN_FILENO);
  ::dup2(output < 0 ? log : output, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  ::execvp(pointers[0], pointers.data());
  ::_exit(127);
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

rusage wait_for(pid_t pid, const Command& command) {
  int status = 0;
  rusage usage{};
  if (::wait4(pid, &status, 0, &usage) != pid) give_up("cannot wait for " + command.arguments.front());
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return usage;
  const std::string said = text_of(command.log);
  give_up(command.arguments.front() +
          " failed: " + (said.size() > kShownBytes ? said.substr(said.size() - kShownBytes) : said));
}

}  // namespace

void give_up(const std::string& why) {
  std::fprintf(stderr, "render_bench: %s\n", why.c_str());
  std::exit(1);
}

bool is_installed(const std::string& program) {
  const char* path = std::getenv("PATH");
  const std::string all = path == nullptr ? "" : path;
  for (std::size_t at = 0; at <= all.size();) {
    const std::size_t end = std::min(all.find(':', at), all.size());
    if (::access((all.substr(at, end - at) + "/" + program).c_str(), X_OK) == 0) return true;
    at = end + 1;
  }
  return false;
}

Cost run(const Command& command) {
  const auto began = std::chrono::steady_clock::now();
  const rusage usage = wait_for(start(command, -1, -1), command);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - began;
  return {wall.count(), seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss};
}

void run_piped(const Command& from, const Command& into) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) give_up("cannot make a pipe");
  const pid_t writer = start(from, -1, ends[1]);
  const pid_t reader = start(into, ends[0], -1);
  ::close(ends[0]);
  ::close(ends[1]);
  wait_for(reader, into);
  wait_for(writer, from);
}

std::string text_of(const std::filesystem::path& path) { return read_file(path, kMaxTextBytes).value_or(""); }

}  // namespace vivid::bench
