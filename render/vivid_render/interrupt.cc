#include "render/vivid_render/interrupt.h"

#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>

namespace vivid::render {
namespace {

constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP};
std::atomic<int> first_signal{0};
static_assert(std::atomic<int>::is_always_lock_free, "set by a signal handler");

void on_signal(int number) noexcept {
  int none = 0;
  first_signal.compare_exchange_strong(none, number);
}

}  // namespace

void watch_for_interrupts() {
  struct sigaction action {};
  action.sa_handler = &on_signal;
  for (const int number : kSignals) ::sigaction(number, &action, nullptr);
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, nullptr);
}

int interrupted_by() { return first_signal.load(); }

namespace {

// On no descriptor when `fd` is below zero; without a limit when there is none.
void wait_for_something(int fd, const timespec* limit) {
  // Blocked between the look at the flag and the wait, so that no signal falls in between.
  sigset_t blocked;
  sigset_t before;
  ::sigemptyset(&blocked);
  for (const int number : kSignals) ::sigaddset(&blocked, number);
  ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
  if (interrupted_by() == 0) {
    pollfd waiting{fd, POLLIN, 0};
    ::ppoll(&waiting, 1, limit, &before);
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace

void wait_readable_or_interrupted(int fd) { wait_for_something(fd, nullptr); }

void wait_or_interrupted(std::chrono::seconds time) {
  const timespec limit{time.count(), 0};
  wait_for_something(-1, &limit);
}

bool die_with_parent() {
  const pid_t parent = ::getppid();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // Had it died in between, another process would be the parent now.
  return ::getppid() == parent;
}

}  // namespace vivid::render
