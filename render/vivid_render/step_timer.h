// Where a stage's time goes. Steps that alternate, as composing and encoding do, are summed up: each has one entry,
// from its first start, with the time it really took.
//
// Threads: one timer, one thread. Ownership: borrows the clock and the list.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "render/protocol/messages.h"

namespace vivid::render {

class StepTimer {
 public:
  // Appends to `steps`, so that they are there also when the stage fails.
  StepTimer(const Clock& clock, std::vector<Step>& steps) : clock_(clock), steps_(steps), began_(clock.steady_now()) {}

  // Runs work() and adds its time to the step `name`. What is measured inside counts for the outer step too.
  template <typename Work>
  auto measure(std::string_view name, Work&& work) {
    const Measurement measurement(*this, name);
    return std::forward<Work>(work)();
  }

  // What was measured elsewhere, and has just ended.
  void add(std::string_view name, std::chrono::microseconds duration);

  std::chrono::microseconds since_beginning() const;

 private:
  class Measurement {
   public:
    Measurement(StepTimer& timer, std::string_view name);
    ~Measurement();
    Measurement(const Measurement&) = delete;
    Measurement& operator=(const Measurement&) = delete;

   private:
    StepTimer& timer_;
    std::string_view name_;
    SteadyTime start_;
  };
  void add(std::string_view name, SteadyTime start, SteadyTime end);

  const Clock& clock_;
  std::vector<Step>& steps_;
  SteadyTime began_;
};

}  // namespace vivid::render
