#include "daemon/gpu/gpu_fleet.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "base/units.h"

namespace vivid::daemon {
namespace {

constexpr std::chrono::milliseconds kLookAgain{100};

std::vector<std::string> encoders_of(const render::GpuDevice& device) {
  std::vector<std::string> names;
  for (const render::GpuEncoder& encoder : device.encoders) {
    if (!encoder.sizes.empty()) names.push_back(encoder.name);
  }
  return names;
}

GpuAnswer wait(std::string reason, std::chrono::milliseconds time) {
  return {GpuAnswer::Kind::wait, std::move(reason), std::max(time, std::chrono::milliseconds(1))};
}
GpuAnswer refused(std::string reason) {
  return {GpuAnswer::Kind::refused, std::move(reason), std::chrono::milliseconds(0)};
}

}  // namespace

void GpuFleet::set_options(GpuFleetOptions options) {
  options_ = options;
  for (auto& [uuid, gpu] : gpus_) gpu.breaker.set_options(options.breaker);
}

void GpuFleet::set_report(render::GpuReport report) {
  known_ = true;
  for (auto& [uuid, gpu] : gpus_) gpu.present = false;
  for (const render::GpuDevice& device : report.devices) {
    std::vector<std::string> encoders = encoders_of(device);
    if (encoders.empty() || device.uuid.empty()) continue;
    Gpu& gpu = gpus_[device.uuid];
    gpu.present = true;
    gpu.name = device.name;
    gpu.probed = device.sessions;
    gpu.encoders = std::move(encoders);
    gpu.breaker.set_options(options_.breaker);
  }
  std::erase_if(gpus_, [](const auto& entry) { return !entry.second.present && entry.second.in_use == 0; });
  report_ = std::move(report);
}

std::vector<std::string> GpuFleet::encoders() const {
  std::vector<std::string> all;
  for (const auto& [uuid, gpu] : gpus_) {
    for (const std::string& name : gpu.encoders) {
      if (std::find(all.begin(), all.end(), name) == all.end()) all.push_back(name);
    }
  }
  return all;
}

int GpuFleet::budget_of(const Gpu& gpu) const {
  const int budget = options_.sessions > 0 ? options_.sessions : gpu.probed;
  if (clock_.steady_now() >= gpu.lowered_until) return budget;
  return budget == 0 ? gpu.lowered_to : std::min(budget, gpu.lowered_to);
}

// Consumer cards share one limit, whatever their number; cards that have none of their own do not count towards it.
int GpuFleet::system_budget() const {
  if (options_.system_sessions > 0) return options_.system_sessions;
  int limit = 0;
  for (const auto& [uuid, gpu] : gpus_) {
    if (gpu.probed == 0) return 0;
    limit = std::max(limit, gpu.probed);
  }
  return options_.sessions > 0 ? 0 : limit;
}

int GpuFleet::in_use() const {
  int sum = 0;
  for (const auto& [uuid, gpu] : gpus_) sum += gpu.in_use;
  return sum;
}

std::string GpuFleet::pick(const std::vector<std::string>& workers) const {
  const SteadyTime now = clock_.steady_now();
  std::string best;
  std::pair<bool, std::ptrdiff_t> best_load;
  for (const auto& [uuid, gpu] : gpus_) {
    if (!gpu.present) continue;
    const std::pair load(gpu.breaker.state(now) == BreakerState::open,
                         std::count(workers.begin(), workers.end(), uuid));
    if (best.empty() || load < best_load) {
      best = uuid;
      best_load = load;
    }
  }
  return best;
}

bool GpuFleet::is_misplaced(const std::string& gpu) const {
  const SteadyTime now = clock_.steady_now();
  const auto usable = [&](const auto& entry) {
    return entry.second.present && entry.second.breaker.state(now) != BreakerState::open;
  };
  const auto mine = gpus_.find(gpu);
  if (mine == gpus_.end()) return std::any_of(gpus_.begin(), gpus_.end(), [](auto& e) { return e.second.present; });
  return !usable(*mine) && std::any_of(gpus_.begin(), gpus_.end(), usable);
}

GpuAnswer GpuFleet::ask(const std::string& uuid, const std::string& encoder, int sessions) {
  if (!known_) return wait("the GPUs are being probed", kLookAgain);
  if (gpus_.empty()) return refused(report_.words);
  const auto found = gpus_.find(uuid);
  if (found == gpus_.end()) return refused("the worker was started before this host's GPUs were known");
  Gpu& gpu = found->second;
  const SteadyTime now = clock_.steady_now();
  if (std::find(gpu.encoders.begin(), gpu.encoders.end(), encoder) == gpu.encoders.end()) {
    return refused(gpu.name + " does not encode with " + encoder);
  }
  if (!gpu.breaker.admits(now)) {
    const auto left = gpu.breaker.rest_left(now);
    std::string reason = uuid + " is put aside after failures";
    reason += left.count() > 0 ? "; it is tried again in " + format_duration(left) : " and tried with another video";
    return wait(std::move(reason), std::max(left, kLookAgain));
  }
  const int budget = budget_of(gpu);
  const int system = system_budget();
  if ((budget > 0 && sessions > budget) || (system > 0 && sessions > system)) {
    return refused(uuid + " has fewer encoder sessions than are needed at once, " + std::to_string(sessions));
  }
  if ((budget > 0 && gpu.in_use + sessions > budget) || (system > 0 && in_use() + sessions > system)) {
    return wait("every encoder session of " + uuid + " is in use", kLookAgain);
  }
  // Drivers are slow to open several at once, and some refuse the second.
  if (gpu.granted > 0 && now < gpu.last_start + options_.start_interval) {
    return wait("another session of " + uuid + " is being opened",
                std::chrono::ceil<std::chrono::milliseconds>(gpu.last_start + options_.start_interval - now));
  }
  gpu.breaker.begin(now);
  gpu.last_start = now;
  gpu.in_use += sessions;
  ++gpu.granted;
  return {GpuAnswer::Kind::granted, {}, std::chrono::milliseconds(0)};
}

void GpuFleet::release(const std::string& uuid, int sessions, GpuOutcome outcome) {
  const auto found = gpus_.find(uuid);
  VIVID_CHECK(found != gpus_.end() && found->second.in_use >= sessions);
  Gpu& gpu = found->second;
  gpu.in_use -= sessions;
  const SteadyTime now = clock_.steady_now();
  const BreakerState before = gpu.breaker.state(now);
  switch (outcome) {
    case GpuOutcome::ok:
      gpu.breaker.succeeded();
      break;
    case GpuOutcome::failed:
      gpu.breaker.failed(now);
      break;
    case GpuOutcome::taken:
      ++gpu.taken;
      gpu.lowered_to = std::max(1, gpu.in_use);
      gpu.lowered_until = now + options_.lowered_for;
      log::warning("the driver refused an encoder session", {{"gpu", uuid}, {"sessions", gpu.lowered_to}});
      gpu.breaker.undecided();
      break;
    case GpuOutcome::undecided:
      gpu.breaker.undecided();
      break;
  }
  const BreakerState after = gpu.breaker.state(now);
  if (before != BreakerState::open && after == BreakerState::open) {
    log::error("GPU is put aside", {{"gpu", uuid},
                                    {"failures", gpu.breaker.failures_in_a_row()},
                                    {"rest", format_duration(gpu.breaker.rest_left(now))}});
  } else if (before != BreakerState::closed && after == BreakerState::closed) {
    log::info("GPU works again", {{"gpu", uuid}});
  }
}

std::vector<GpuSnapshot> GpuFleet::snapshot() const {
  const SteadyTime now = clock_.steady_now();
  std::vector<GpuSnapshot> all;
  for (const auto& [uuid, gpu] : gpus_) {
    all.push_back({uuid, gpu.name, budget_of(gpu), gpu.in_use, gpu.breaker.state(now), gpu.breaker.rest_left(now),
                   gpu.breaker.failures_in_a_row(), gpu.breaker.times_opened(), gpu.granted, gpu.taken});
  }
  return all;
}

std::int64_t GpuFleet::times_opened() const {
  std::int64_t sum = 0;
  for (const auto& [uuid, gpu] : gpus_) sum += gpu.breaker.times_opened();
  return sum;
}

}  // namespace vivid::daemon
