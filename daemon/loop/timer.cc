#include "daemon/loop/timer.h"

#include <algorithm>

#include "base/check.h"

namespace vivid::daemon {

struct Timer::State {
  uv_timer_t handle{};
  std::function<void()> action;
};

Timer::Timer(uv_loop_t* loop) : state_(new State) {
  VIVID_CHECK(uv_timer_init(loop, &state_->handle) == 0);
  state_->handle.data = state_;
}

Timer::~Timer() {
  state_->action = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(&state_->handle),
           [](uv_handle_t* handle) noexcept { delete static_cast<State*>(handle->data); });
}

void Timer::set(std::chrono::milliseconds delay, std::chrono::milliseconds repeat, std::function<void()> action) {
  state_->action = std::move(action);
  // The loop's idea of now is as old as its last turn; a late turn must not shorten the delay.
  uv_update_time(state_->handle.loop);
  const auto count = [](std::chrono::milliseconds time) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, time.count()));
  };
  const int rc = uv_timer_start(
      &state_->handle,
      [](uv_timer_t* handle) noexcept {
        // A copy: the action may replace or destroy itself.
        const auto action_now = static_cast<State*>(handle->data)->action;
        if (action_now) action_now();
      },
      count(delay), count(repeat));
  VIVID_CHECK(rc == 0);
}

void Timer::once(std::chrono::milliseconds delay, std::function<void()> action) {
  set(delay, std::chrono::milliseconds(0), std::move(action));
}

void Timer::every(std::chrono::milliseconds interval, std::function<void()> action) {
  set(interval, interval, std::move(action));
}

void Timer::stop() {
  uv_timer_stop(&state_->handle);
  state_->action = nullptr;
}

bool Timer::active() const { return uv_is_active(reinterpret_cast<const uv_handle_t*>(&state_->handle)) != 0; }

}  // namespace vivid::daemon
