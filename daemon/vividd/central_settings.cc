#include "daemon/vividd/central_settings.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/files.h"
#include "daemon/loop/process_facts.h"
#include "daemon/vividd/settings.h"
#include "daemon/vividd/status_json.h"

namespace vivid::daemon {
namespace {

constexpr std::uint64_t kMaxBootIdBytes = 256;

std::string boot_id() {
  std::string text = read_file("/proc/sys/kernel/random/boot_id", kMaxBootIdBytes).value_or("");
  text.erase(std::find(text.begin(), text.end(), '\n'), text.end());
  return text;
}

std::string machine_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

}  // namespace

CentralSettings central_settings(const config::Config& config) {
  CentralSettings settings;
  settings.environment = config.host.environment;
  settings.plan = plan_options(config);
  settings.report.node = host_name(config);
  settings.report.bucket = config.storage.bucket;
  settings.report.prices = config.prices;
  for (const auto& [stage, limits] : settings.plan.limits) settings.report.max_attempts[stage] = limits.max_attempts;
  settings.slots = config.lanes.render + config.lanes.cpu + config.central.jobs_ahead;
  settings.max_undelivered = config.central.max_undelivered;
  return settings;
}

TextSettings text_settings(const config::Config& config) {
  return {config.host.environment, host_name(config), config.prices, config.cost};
}

sync::LinkOptions link_options(const config::Config& config) {
  const config::Central& central = config.central;
  sync::LinkOptions options;
  options.database = central.database;
  options.node = {host_name(config), machine_name(), boot_id(),
                  ::getpid(),        VIVID_VERSION,  static_cast<std::int64_t>(process_start_ticks(::getpid()))};
  options.environment = config.host.environment;
  options.lease = std::chrono::ceil<std::chrono::seconds>(central.lease);
  options.renew_interval = central.renew_interval;
  options.poll_minimum = central.poll_minimum;
  options.poll_maximum = central.poll_maximum;
  options.connect_timeout = std::chrono::ceil<std::chrono::seconds>(central.connect_timeout);
  options.statement_timeout = central.statement_timeout;
  options.max_crashes = central.max_crashes;
  return options;
}

}  // namespace vivid::daemon
