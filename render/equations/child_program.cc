#include "render/equations/child_program.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/files.h"

namespace vivid::render {
namespace {

constexpr std::size_t kMostComplaintBytes = 4'096;
// Its processor time is limited, too: to what it could use of so many at most.
constexpr int kMostCores = 4;
constexpr const char* kUsualPath = "/usr/local/bin:/usr/bin:/bin";

bool can_run(const std::string& path) { return ::access(path.c_str(), X_OK) == 0; }

Result<std::string> find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    if (can_run(name)) return name;
    return fail(ErrorCode::not_found, "the program " + name + " cannot be run: " + std::strerror(errno));
  }
  const char* set = ::getenv("PATH");
  const std::string_view path = set != nullptr && *set != '\0' ? set : kUsualPath;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    const std::string candidate = std::string(path.substr(begin, end - begin)) + "/" + name;
    if (candidate.front() == '/' && can_run(candidate)) return candidate;
    begin = end + 1;
  }
  return fail(ErrorCode::not_found, "there is no program " + name + " in PATH");
}

// All of it is there before anybody reads: nobody waits for the other.
Result<UniqueFd> as_file(const std::string& input) {
  UniqueFd file(::memfd_create("input", MFD_CLOEXEC));
  if (!file) return fail_errno("make", "a file in memory");
  VIVID_TRY(write_all(file.get(), input, "the file in memory"));
  if (::lseek(file.get(), 0, SEEK_SET) < 0) return fail_errno("rewind", "the file in memory");
  return file;
}

struct Pipe {
  UniqueFd reader;
  UniqueFd writer;
};
Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno("make", "a pipe");
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// What the child needs between fork and exec, where nothing may be allocated.
struct Launch {
  const char* program = nullptr;
  std::vector<char*> arguments;
  std::array<char*, 3> environment{};
  std::array<int, 3> standard{};  // becomes 0, 1, 2
  pid_t parent = 0;
  rlim_t cpu_seconds = 0;
};

void limit(__rlimit_resource what, rlim_t value) {
  const rlimit limits{value, value};
  ::setrlimit(what, &limits);
}

[[noreturn]] void become(const Launch& launch) noexcept {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != launch.parent) ::_exit(127);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  limit(RLIMIT_CPU, launch.cpu_seconds);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, 0);
  // Refused where namespaces are: then it is only its own code that opens no connection.
  static_cast<void>(::unshare(CLONE_NEWUSER | CLONE_NEWNET));
  // Out of the way of 0, 1 and 2 first.
  std::array<int, 3> copies{};
  for (std::size_t i = 0; i < 3; ++i) copies[i] = ::fcntl(launch.standard[i], F_DUPFD, 10);
  for (std::size_t i = 0; i < 3; ++i) {
    if (copies[i] < 0 || ::dup2(copies[i], static_cast<int>(i)) < 0) ::_exit(127);
  }
  ::close_range(3, ~0U, 0);
  ::execve(launch.program, launch.arguments.data(), launch.environment.data());
  ::_exit(127);
}

// Kills and awaits what has not been awaited.
class Running {
 public:
  explicit Running(pid_t pid) : pid_(pid) {}
  ~Running() { stop(); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  void stop() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    await();
  }
  // As wait() tells it.
  int await() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
  }

 private:
  pid_t pid_;
};

Result<UniqueFd> make_timer(std::chrono::milliseconds length) {
  UniqueFd timer(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
  if (!timer) return fail_errno("make", "a timer");
  itimerspec when{};
  when.it_value.tv_sec = length.count() / 1'000;
  when.it_value.tv_nsec = length.count() % 1'000 * 1'000'000 + 1;
  if (::timerfd_settime(timer.get(), 0, &when, nullptr) != 0) return fail_errno("set", "a timer");
  return timer;
}

// False at the end of the pipe.
bool take(int fd, std::string& into, std::size_t most) {
  std::array<char, 65'536> piece{};
  const ssize_t count = ::read(fd, piece.data(), piece.size());
  if (count < 0) return errno == EINTR || errno == EAGAIN;
  into.append(piece.data(), std::min(static_cast<std::size_t>(count), most - std::min(into.size(), most)));
  return count > 0;
}

std::string describe(int status) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  if (WIFEXITED(status)) return "it ended with status " + std::to_string(WEXITSTATUS(status));
  return "it was ended by signal " + std::to_string(WTERMSIG(status));
}

// What is waited for; each is reset when it has ended.
struct Watched {
  UniqueFd timer;
  UniqueFd process;
  UniqueFd output;
  UniqueFd complaint;
};

// Until it has said everything and ended; says why it gave up, or nothing.
std::string listen(const ChildProgram& child, Watched& watched, ChildOutcome& outcome) {
  while (watched.output || watched.complaint || watched.process) {
    // A negative descriptor is not waited for.
    std::array<pollfd, 4> waiting{pollfd{watched.timer.get(), POLLIN, 0}, pollfd{watched.process.get(), POLLIN, 0},
                                  pollfd{watched.output.get(), POLLIN, 0}, pollfd{watched.complaint.get(), POLLIN, 0}};
    if (::poll(waiting.data(), waiting.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return "it cannot be listened to";
    }
    if (waiting[0].revents != 0) return "it took longer than " + std::to_string(child.time_limit.count()) + " ms";
    if (waiting[1].revents != 0) watched.process.reset();
    if (waiting[2].revents != 0 && !take(watched.output.get(), outcome.output, child.most_output_bytes)) {
      watched.output.reset();
    }
    if (waiting[3].revents != 0 && !take(watched.complaint.get(), outcome.complaint, kMostComplaintBytes)) {
      watched.complaint.reset();
    }
    if (outcome.output.size() >= child.most_output_bytes) {
      return "it said more than " + std::to_string(child.most_output_bytes) + " bytes";
    }
  }
  return {};
}

}  // namespace

Result<ChildOutcome> run_child(const ChildProgram& child) {
  VIVID_ASSIGN(const std::string program, find_program(child.program));
  VIVID_ASSIGN(const UniqueFd input, as_file(child.input));
  VIVID_ASSIGN(Pipe output, make_pipe());
  VIVID_ASSIGN(Pipe complaint, make_pipe());
  Watched watched;
  VIVID_ASSIGN(watched.timer, make_timer(child.time_limit));
  std::vector<std::string> words{program};
  words.insert(words.end(), child.arguments.begin(), child.arguments.end());
  std::string path = std::string("PATH=") + kUsualPath;
  std::string locale = "LC_ALL=C.UTF-8";
  Launch launch;
  launch.program = program.c_str();
  for (std::string& word : words) launch.arguments.push_back(word.data());
  launch.arguments.push_back(nullptr);
  launch.environment = {path.data(), locale.data(), nullptr};
  launch.standard = {input.get(), output.writer.get(), complaint.writer.get()};
  launch.parent = ::getpid();
  launch.cpu_seconds = static_cast<rlim_t>(child.time_limit.count() / 1'000 + 1) * kMostCores;
  const pid_t pid = ::fork();
  if (pid < 0) return fail_errno("start", program);
  if (pid == 0) become(launch);
  Running running(pid);
  watched.process = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!watched.process) return fail_errno("watch", program);
  output.writer.reset();
  complaint.writer.reset();
  watched.output = std::move(output.reader);
  watched.complaint = std::move(complaint.reader);
  ChildOutcome outcome;
  outcome.problem = listen(child, watched, outcome);
  if (outcome.problem.empty()) {
    outcome.problem = describe(running.await());
  } else {
    running.stop();
  }
  return outcome;
}

}  // namespace vivid::render
