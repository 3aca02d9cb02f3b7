#include "render/vivid_render/step_timer.h"

#include <algorithm>
#include <string>

namespace vivid::render {
namespace {

std::chrono::microseconds between(SteadyTime start, SteadyTime end) {
  return std::chrono::duration_cast<std::chrono::microseconds>(end - start);
}

}  // namespace

StepTimer::Measurement::Measurement(StepTimer& timer, std::string_view name)
    : timer_(timer), name_(name), start_(timer.clock_.steady_now()) {}

StepTimer::Measurement::~Measurement() { timer_.add(name_, start_, timer_.clock_.steady_now()); }

std::chrono::microseconds StepTimer::since_beginning() const { return between(began_, clock_.steady_now()); }

void StepTimer::add(std::string_view name, std::chrono::microseconds duration) {
  const SteadyTime now = clock_.steady_now();
  add(name, now - duration, now);
}

void StepTimer::add(std::string_view name, SteadyTime start, SteadyTime end) {
  const auto found = std::find_if(steps_.begin(), steps_.end(), [name](const Step& step) { return step.name == name; });
  if (found != steps_.end()) {
    found->duration += between(start, end);
    return;
  }
  steps_.push_back({std::string(name), between(began_, start), between(start, end)});
}

}  // namespace vivid::render
