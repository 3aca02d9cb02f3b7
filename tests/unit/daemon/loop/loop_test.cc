// Mailbox, timers and task pools.
#include <signal.h>

#include <algorithm>
#include <future>
#include <thread>

#include "daemon/loop/mailbox.h"
#include "daemon/loop/signals.h"
#include "daemon/loop/task_pool.h"
#include "tests/support/daemon/loop_fixture.h"

namespace vivid::daemon {
namespace {

using std::chrono::milliseconds;
class LoopTest : public LoopFixture {};

TEST_F(LoopTest, LettersOfOneThreadArriveInOrderOnTheLoop) {
  Mailbox mailbox(&loop_);
  std::vector<int> seen;
  const auto loop_thread = std::this_thread::get_id();
  std::thread sender([post = mailbox.poster(), &seen, loop_thread] {
    for (int i = 0; i < 1000; ++i) {
      post([i, &seen, loop_thread] {
        EXPECT_EQ(std::this_thread::get_id(), loop_thread);
        seen.push_back(i);
      });
    }
  });
  sender.join();
  ASSERT_TRUE(run_until([&] { return seen.size() == 1000; }));
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
}

TEST_F(LoopTest, PostingToAClosedMailboxIsHarmless) {
  auto mailbox = std::make_unique<Mailbox>(&loop_);
  const auto post = mailbox->poster();
  bool ran = false;
  post([&] { ran = true; });
  mailbox.reset();
  post([&] { ran = true; });
  turn();
  EXPECT_FALSE(ran);
}

TEST_F(LoopTest, TimerFiresOnceAndMayDestroyItself) {
  auto timer = std::make_unique<Timer>(&loop_);
  int fired = 0;
  timer->once(milliseconds(1), [&] {
    ++fired;
    timer.reset();
  });
  ASSERT_TRUE(run_until([&] { return fired > 0; }));
  turn();
  EXPECT_EQ(fired, 1);
}

TEST_F(LoopTest, StoppedTimerDoesNotFire) {
  Timer timer(&loop_);
  bool fired = false;
  timer.once(milliseconds(0), [&] { fired = true; });
  timer.stop();
  turn();
  EXPECT_FALSE(fired);
  EXPECT_FALSE(timer.active());
}

TEST_F(LoopTest, FullPoolRefusesAndRunsNothingOfWhatItRefused) {
  Mailbox mailbox(&loop_);
  std::promise<void> gate;
  auto opened = gate.get_future().share();
  int answers = 0;
  TaskPool pool({"test", 1, 2}, mailbox.poster());
  std::atomic<bool> running{false};
  ASSERT_TRUE(pool.submit(
      [&running, opened] {
        running = true;
        opened.wait();
        return 1;
      },
      [&](int) { ++answers; }));
  ASSERT_TRUE(run_until([&] { return running.load(); }));
  ASSERT_TRUE(pool.submit([] { return 2; }, [&](int) { ++answers; }));
  ASSERT_TRUE(pool.submit([] { return 3; }, [&](int) { ++answers; }));
  const Status refused = pool.submit([] { return 4; }, [&](int) { ++answers; });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::resource_exhausted);
  EXPECT_EQ(pool.waiting(), 2U);
  gate.set_value();
  ASSERT_TRUE(run_until([&] { return answers == 3; }));
}

TEST_F(LoopTest, GrownPoolWorksBesideABlockedThread) {
  Mailbox mailbox(&loop_);
  std::promise<void> gate;
  auto opened = gate.get_future().share();
  TaskPool pool({"test", 1, 10}, mailbox.poster());
  int answers = 0;
  ASSERT_TRUE(pool.submit(
      [opened] {
        opened.wait();
        return 0;
      },
      [&](int) { ++answers; }));
  ASSERT_TRUE(pool.submit([] { return 0; }, [&](int) { ++answers; }));
  pool.grow_to(2);
  ASSERT_TRUE(run_until([&] { return answers == 1; }));
  gate.set_value();
  ASSERT_TRUE(run_until([&] { return answers == 2; }));
}

TEST_F(LoopTest, SignalsArriveAsEvents) {
  std::vector<int> seen;
  Signals signals(&loop_, {SIGUSR1}, [&](int number) { seen.push_back(number); });
  ::raise(SIGUSR1);
  ASSERT_TRUE(run_until([&] { return !seen.empty(); }));
  EXPECT_EQ(seen, std::vector<int>{SIGUSR1});
}

}  // namespace
}  // namespace vivid::daemon
