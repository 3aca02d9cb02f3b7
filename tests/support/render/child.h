// A program run by a test: its exit status and what it printed.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace vivid::render::testing_support {

struct Finished {
  int exit_code = -1;  // 128 + signal when it was killed
  std::string out;
  std::string err;
};

inline std::string slurp(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// Output goes to files in `scratch`, so that no pipe can fill up.
class Child {
 public:
  Child(std::vector<std::string> command, std::filesystem::path scratch, int socket = -1,
        const std::filesystem::path& input = "/dev/null")
      : scratch_(std::move(scratch)) {
    std::vector<char*> arguments;
    for (std::string& word : command) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ != 0) return;
    ::dup2(::open(input.c_str(), O_RDONLY), 0);
    ::dup2(::open((scratch_ / "stdout").c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600), 1);
    ::dup2(::open((scratch_ / "stderr").c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600), 2);
    if (socket >= 0) ::dup2(socket, 3);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const { ::kill(pid_, number); }
  Finished wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = 0;
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), slurp(scratch_ / "stdout"),
            slurp(scratch_ / "stderr")};
  }

 private:
  std::filesystem::path scratch_;
  pid_t pid_ = 0;
};

}  // namespace vivid::render::testing_support
