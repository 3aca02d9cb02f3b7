// An event loop for tests: runs until something has come true, with a deadline that only a broken build reaches.
//
// Threads: one.
#pragma once

#include <gtest/gtest.h>
#include <uv.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/files.h"
#include "base/uuid.h"
#include "daemon/loop/timer.h"
#include "tests/support/temporary_folder.h"

namespace vivid::daemon {

// Stands still until it is told otherwise.
class ManualClock : public Clock {
 public:
  WallTime now() const override { return WallTime(std::chrono::hours(24 * 365 * 50) + advanced_.load()); }
  SteadyTime steady_now() const override { return SteadyTime(std::chrono::hours(1) + advanced_.load()); }
  void advance(std::chrono::microseconds by) { advanced_ = advanced_.load() + by; }

 private:
  std::atomic<std::chrono::microseconds> advanced_{std::chrono::microseconds(0)};
};

class LoopFixture : public ::testing::Test {
 protected:
  LoopFixture() { EXPECT_EQ(uv_loop_init(&loop_), 0); }
  ~LoopFixture() override {
    // Handles that were told to close do so now.
    uv_run(&loop_, UV_RUN_DEFAULT);
    EXPECT_EQ(uv_loop_close(&loop_), 0);
  }

  // False: it did not come true within a minute.
  bool run_until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    Timer tick(&loop_);
    tick.every(std::chrono::milliseconds(5), [] {});
    while (!done()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      uv_run(&loop_, UV_RUN_ONCE);
    }
    return true;
  }
  // Lets the loop go round a few times.
  void turn(int times = 5) {
    Timer tick(&loop_);
    tick.every(std::chrono::milliseconds(2), [] {});
    for (int i = 0; i < times; ++i) uv_run(&loop_, UV_RUN_ONCE);
  }

  uv_loop_t loop_{};
  const test::TemporaryFolder temporary_;
  const std::filesystem::path& folder_ = temporary_.path();
};

}  // namespace vivid::daemon
