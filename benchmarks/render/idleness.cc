#include "idleness.h"

#include <chrono>
#include <cstdint>
#include <fstream>
#include <string>
#include <thread>

#include "settings.h"

namespace vivid::bench {
namespace {

constexpr std::chrono::seconds kWatched{1};
constexpr int kFields = 8;  // user, nice, system, idle, iowait, irq, softirq, steal
constexpr int kIdle = 3;
constexpr int kWaiting = 4;

struct Ticks {
  std::int64_t idle = 0;
  std::int64_t all = 0;
};

Ticks ticks_so_far() {
  std::ifstream file("/proc/stat");
  std::string name;
  file >> name;
  Ticks ticks;
  for (int i = 0; i < kFields; ++i) {
    std::int64_t value = 0;
    file >> value;
    ticks.all += value;
    if (i == kIdle || i == kWaiting) ticks.idle += value;
  }
  if (!file) give_up("cannot read /proc/stat");
  return ticks;
}

}  // namespace

double busy_share() {
  const Ticks before = ticks_so_far();
  std::this_thread::sleep_for(kWatched);
  const Ticks after = ticks_so_far();
  const std::int64_t all = after.all - before.all;
  return all == 0 ? 0.0 : 1.0 - static_cast<double>(after.idle - before.idle) / static_cast<double>(all);
}

}  // namespace vivid::bench
