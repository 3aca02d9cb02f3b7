// The GPUs of this host as a budget: who may open an encoder session where, and which GPU is better left alone.
//
// A worker belongs to one GPU from its start, the one with the fewest workers, and takes a token of that GPU for each
// video. Tokens are as many as the probe could open sessions, fewer for a while when a driver refuses one more: other
// programs hold sessions too. A GPU on which work fails again and again is put aside.
//
// Threads: the loop's. Errors: none; an answer says why not. Bounds: one record a GPU.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "daemon/gpu/circuit_breaker.h"
#include "render/protocol/gpu_report.h"

namespace vivid::daemon {

struct GpuFleetOptions {
  int sessions = 0;         // on one GPU; 0: as many as the probe could open
  int system_sessions = 0;  // on all together; 0: where the probe met a limit, that one, else none
  std::chrono::milliseconds start_interval{100};  // between two sessions that open on one GPU
  std::chrono::milliseconds lowered_for{60'000};  // a budget that a driver's refusal has shown to be too large
  BreakerOptions breaker;
};

struct GpuAnswer {
  enum class Kind { granted, wait, refused };
  Kind kind = Kind::refused;
  std::string reason;                     // of wait and refused, for a person
  std::chrono::milliseconds retry_in{0};  // of wait: not before
};

enum class GpuOutcome {
  ok,         // the GPU did it
  failed,     // it did not, and it is to blame
  taken,      // its driver refused a session: others hold them
  undecided,  // nothing was learnt about it
};

struct GpuSnapshot {
  std::string uuid;
  std::string name;
  int sessions = 0;  // tokens there are; 0: no limit
  int in_use = 0;
  BreakerState breaker = BreakerState::closed;
  std::chrono::milliseconds rest_left{0};
  int failures_in_a_row = 0;
  std::int64_t times_opened = 0;
  std::int64_t granted = 0;
  std::int64_t taken = 0;  // refusals of the driver
};

class GpuFleet {
 public:
  GpuFleet(const Clock& clock, GpuFleetOptions options) : clock_(clock), options_(options) {}

  void set_options(GpuFleetOptions options);
  // What is known of a GPU from before stays, if it is still there.
  void set_report(render::GpuReport report);
  // False: the probe has not answered yet.
  bool is_known() const { return known_; }
  const render::GpuReport& report() const { return report_; }
  std::vector<std::string> encoders() const;

  // For a new worker, when those that run have these (one entry a worker); empty: there is none to have.
  std::string pick(const std::vector<std::string>& workers) const;
  // Whether a worker had better be replaced by one elsewhere.
  bool is_misplaced(const std::string& gpu) const;

  // For as many sessions as are open at the same time, all of them or none.
  GpuAnswer ask(const std::string& gpu, const std::string& encoder, int sessions);
  // Ends what ask() granted.
  void release(const std::string& gpu, int sessions, GpuOutcome outcome);

  std::vector<GpuSnapshot> snapshot() const;
  // Of all GPUs, since the start.
  std::int64_t times_opened() const;

 private:
  struct Gpu {
    std::string name;
    bool present = false;
    int probed = 0;  // sessions
    std::vector<std::string> encoders;
    int in_use = 0;
    int lowered_to = 0;
    SteadyTime lowered_until{};
    SteadyTime last_start{};
    CircuitBreaker breaker;
    std::int64_t granted = 0;
    std::int64_t taken = 0;
  };
  int budget_of(const Gpu& gpu) const;
  int system_budget() const;
  int in_use() const;

  const Clock& clock_;
  GpuFleetOptions options_;
  bool known_ = false;
  render::GpuReport report_;
  std::map<std::string, Gpu> gpus_;  // those that encode, by UUID
};

}  // namespace vivid::daemon
