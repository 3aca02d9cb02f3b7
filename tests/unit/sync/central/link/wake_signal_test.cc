#include "sync/central/link/wake_signal.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <thread>

namespace vivid::sync {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(WakeSignal, KeepsASignalThatCameBeforeTheWait) {
  WakeSignal signal;
  signal.raise();
  signal.raise();
  EXPECT_TRUE(signal.wait(seconds(60)));
  EXPECT_FALSE(signal.wait(milliseconds(0)));
}

TEST(WakeSignal, IsHeardFromAnotherThread) {
  WakeSignal signal;
  std::thread other([&signal] { signal.raise(); });
  EXPECT_TRUE(signal.wait(seconds(60)));
  other.join();
}

TEST(WakeSignal, StopsWaitingForASocketThatHasSomethingOrIsBroken) {
  std::array<int, 2> pair{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
  const UniqueFd ours(pair[0]);
  UniqueFd theirs(pair[1]);
  WakeSignal signal;
  ASSERT_EQ(::write(theirs.get(), "x", 1), 1);
  EXPECT_FALSE(signal.wait(std::chrono::hours(1), ours.get()));
  signal.raise();
  EXPECT_TRUE(signal.wait(std::chrono::hours(1), ours.get()));
  char byte = 0;
  ASSERT_EQ(::read(ours.get(), &byte, 1), 1);
  theirs.reset();
  EXPECT_FALSE(signal.wait(std::chrono::hours(1), ours.get()));
}

}  // namespace
}  // namespace vivid::sync
