#include "daemon/metrics/process_metrics.h"

#include <dirent.h>
#include <prometheus/metric_family.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace vivid::daemon {
namespace {

struct ProcessFigures {
  double cpu_seconds = 0.0;
  double started_after_boot_seconds = 0.0;
  double virtual_bytes = 0.0;
  double resident_bytes = 0.0;
};

std::optional<ProcessFigures> read_stat() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  // The command name, field 2, may hold spaces and parentheses: count from its last one.
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream rest(line.substr(name_end + 1));
  std::vector<std::string> fields;  // [0] is field 3
  for (std::string field; rest >> field;) fields.push_back(std::move(field));
  constexpr std::size_t kUserTime = 11, kSystemTime = 12, kStartTime = 19, kVirtualBytes = 20, kResidentPages = 21;
  if (fields.size() <= kResidentPages) return std::nullopt;
  const auto number = [&](std::size_t index) { return static_cast<double>(std::stoull(fields[index])); };
  const double ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  ProcessFigures figures;
  figures.cpu_seconds = (number(kUserTime) + number(kSystemTime)) / ticks;
  figures.started_after_boot_seconds = number(kStartTime) / ticks;
  figures.virtual_bytes = number(kVirtualBytes);
  figures.resident_bytes = number(kResidentPages) * static_cast<double>(::sysconf(_SC_PAGESIZE));
  return figures;
}

std::optional<double> boot_time() {
  std::ifstream file("/proc/stat");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("btime ", 0) == 0) return static_cast<double>(std::stoull(line.substr(6)));
  }
  return std::nullopt;
}

std::optional<double> open_descriptors() {
  DIR* directory = ::opendir("/proc/self/fd");
  if (directory == nullptr) return std::nullopt;
  int entries = 0;
  while (::readdir(directory) != nullptr) ++entries;
  ::closedir(directory);
  return entries - 3;  // ".", ".." and the folder itself
}

prometheus::MetricFamily family(const char* name, const char* help, prometheus::MetricType type, double value) {
  prometheus::ClientMetric metric;
  if (type == prometheus::MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  return {name, help, type, {metric}};
}

}  // namespace

std::vector<prometheus::MetricFamily> process_metrics() {
  using prometheus::MetricType;
  std::vector<prometheus::MetricFamily> families;
  if (const auto figures = read_stat()) {
    families.push_back(family("process_cpu_seconds_total", "User and system CPU time spent, in seconds.",
                              MetricType::Counter, figures->cpu_seconds));
    families.push_back(family("process_virtual_memory_bytes", "Virtual memory size, in bytes.", MetricType::Gauge,
                              figures->virtual_bytes));
    families.push_back(family("process_resident_memory_bytes", "Resident memory size, in bytes.", MetricType::Gauge,
                              figures->resident_bytes));
    if (const auto boot = boot_time()) {
      families.push_back(family("process_start_time_seconds", "Start of the process, in seconds since 1970.",
                                MetricType::Gauge, *boot + figures->started_after_boot_seconds));
    }
  }
  if (const auto open = open_descriptors()) {
    families.push_back(family("process_open_fds", "Open file descriptors.", MetricType::Gauge, *open));
  }
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    families.push_back(family("process_max_fds", "File descriptors that may be open at once.", MetricType::Gauge,
                              static_cast<double>(limit.rlim_cur)));
  }
  return families;
}

}  // namespace vivid::daemon
