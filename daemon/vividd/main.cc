// vividd: see --help.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "config/config.h"
#include "daemon/vividd/object_store.h"
#include "daemon/vividd/settings.h"
#include "daemon/vividd/vividd.h"
#include "sync/central/session/conninfo.h"

namespace {

namespace fs = std::filesystem;
using vivid::config::Config;

constexpr int kOk = 0;
constexpr int kFailed = 1;
constexpr int kUsage = 2;      // the command line is wrong
constexpr int kBadConfig = 3;  // the configuration is wrong
constexpr const char* kStateVariable = "VIVIDD_PATHS_STATE_DIRECTORY";

constexpr const char* kHelp = R"(vividd - turns requests into narrated videos

  vividd [--config PATH]                  run until SIGTERM
  vividd --check-config [--config PATH]   show every problem of the configuration, or all it amounts to
  vividd --help | --version

Without --config the defaults hold, and environment variables as in docs/configuration.md (VIVIDD_LOG_LEVEL for
log.level). State lies in /var/lib/vividd; where that cannot be written and nothing else is said, in
$XDG_STATE_HOME/vividd or ~/.local/state/vividd.

A listening Unix socket that systemd hands in (socket activation) is used in place of control.socket.

Signals: SIGTERM, SIGINT let stages end, up to shutdown.drain_limit; a second one does not wait. SIGHUP reloads.
Exit status: 0 done, 1 could not start, 2 wrong command line, 3 wrong configuration, 4 ended at the last limit
(shutdown.drain_limit, workers.grace and a few seconds) with work in hand, which the next start recovers.
)";

struct CommandLine {
  std::optional<fs::path> config;
  bool check = false;
  bool help = false;
  bool version = false;
};

std::optional<CommandLine> parse(const std::vector<std::string>& arguments) {
  CommandLine line;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--help" || argument == "-h") {
      line.help = true;
    } else if (argument == "--version") {
      line.version = true;
    } else if (argument == "--check-config") {
      line.check = true;
    } else if (argument == "--config" && i + 1 < arguments.size()) {
      line.config = arguments[++i];
    } else if (argument.starts_with("--config=")) {
      line.config = argument.substr(9);
    } else {
      std::cerr << "vividd: '" << argument << "' is not understood, or lacks its value; see vividd --help\n";
      return std::nullopt;
    }
  }
  return line;
}

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return std::string(value);
}

// Where an ordinary user may keep state, when the system's place is not theirs.
std::optional<std::string> own_state_directory() {
  if (::access("/var/lib/vividd", W_OK) == 0 || ::geteuid() == 0) return std::nullopt;
  if (const auto base = variable("XDG_STATE_HOME")) return *base + "/vividd";
  if (const auto home = variable("HOME")) return *home + "/.local/state/vividd";
  return std::nullopt;
}

// The worker that was installed, or built, with this very vividd.
fs::path worker_beside_this_program() {
  std::error_code unreadable;
  const fs::path self = fs::read_symlink("/proc/self/exe", unreadable);
  return self.parent_path() / "vivid-render";
}

vivid::Result<Config> load_file_and_environment(const std::optional<fs::path>& file) {
  const auto environment = vivid::config::process_environment();
  const auto variables = vivid::config::process_variables();
  auto config = vivid::config::load(file, environment, variables);
  if (!config || config->paths.state_directory != Config().paths.state_directory) return config;
  const auto own = own_state_directory();
  if (!own) return config;
  return vivid::config::load(file, [&](const std::string& name) -> std::optional<std::string> {
    if (name == kStateVariable) return *own;
    return environment(name);
  });
}

vivid::Result<Config> load_config(const std::optional<fs::path>& file) {
  auto config = load_file_and_environment(file);
  if (!config) return config;
  if (config->paths.worker.empty()) config->paths.worker = worker_beside_this_program();
  // Whether libpq can read it only libpq can say, which the configuration knows nothing of.
  if (const auto& url = config->central.database; !url.empty()) {
    if (const auto readable = vivid::sync::check_database_url(url); !readable) {
      return vivid::fail(vivid::ErrorCode::invalid_input, "central.database: " + readable.error().message);
    }
  }
  if (const auto resolved = vivid::daemon::resolve_storage(*config); !resolved) {
    return tl::make_unexpected(resolved.error());
  }
  return config;
}

vivid::Status check_worker(const fs::path& program) {
  if (::access(program.c_str(), X_OK) == 0) return {};
  return vivid::fail(vivid::ErrorCode::not_found,
                     "paths.worker: " + program.string() + " cannot be run; it must be the vivid-render program");
}

void start_log(const Config& config) {
  vivid::log::Options options;
  options.level = vivid::daemon::log_level(config);
  options.program = "vividd";
  const bool human = config.log.format == "human" || (config.log.format == "auto" && ::isatty(STDERR_FILENO) == 1);
  options.format = human ? vivid::log::Format::human : vivid::log::Format::json;
  vivid::log::start(options);
}

}  // namespace

int main(int argc, char** argv) {
  const auto line = parse({argv + 1, argv + argc});
  if (!line) return kUsage;
  if (line->help) return std::cout << kHelp, kOk;
  if (line->version) return std::cout << "vividd " << VIVID_VERSION << "\n", kOk;
  auto config = load_config(line->config);
  if (!config) {
    std::cerr << config.error().message << "\n";
    return kBadConfig;
  }
  if (line->check) return std::cout << "# The configuration is valid. It amounts to:\n" << to_yaml(*config), kOk;
  // What students ask is nobody else's to read: not the queue's file either, which SQLite makes as readable as it may.
  ::umask(027);
  start_log(*config);
  // A client or child that went away is told by the write, not by the end of the daemon.
  ::signal(SIGPIPE, SIG_IGN);
  if (const auto status = check_worker(config->paths.worker); !status) {
    vivid::log::error("vividd cannot start", {{"reason", status.error().describe()}});
    return kFailed;
  }
  vivid::daemon::Vividd daemon(std::move(*config), [file = line->config] { return load_config(file); });
  if (const auto status = daemon.run(); !status) {
    vivid::log::error("vividd cannot start", {{"reason", status.error().describe()}});
    return kFailed;
  }
  if (daemon.left_work()) return vivid::daemon::kExitUnfinished;
  return kOk;
}
