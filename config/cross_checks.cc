#include "config/cross_checks.h"

#include <sys/un.h>

#include <array>
#include <utility>

#include "config/option.h"

namespace vivid::config {
namespace {

std::string value_of(const std::string& key, const Config& config) {
  const Option* option = find_option(key);
  return option == nullptr ? "" : format_value(*option, config);
}

class Checker {
 public:
  Checker(const Config& config, const Origins& origins, Problems& problems)
      : config_(config), origins_(origins), problems_(problems) {}

  // Complains about `key`, whose value must fit the one of `other_key`.
  void require(bool holds, const std::string& key, const std::string& relation, const std::string& other_key) {
    if (holds || problems_.doubted(key) || problems_.doubted(other_key)) return;
    problems_.add(origins_.of(key, other_key), key,
                  value_of(key, config_) + " does not fit " + other_key + " (" + value_of(other_key, config_) +
                      "); allowed: " + relation);
  }

  void require(bool holds, const std::string& key, const std::string& what_and_allowed) {
    if (holds || problems_.doubted(key)) return;
    problems_.add(origins_.of(key), key, value_of(key, config_) + " " + what_and_allowed);
  }

 private:
  const Config& config_;
  const Origins& origins_;
  Problems& problems_;
};

void check_stage(Checker& checker, const std::string& name, const StageLimit& limit) {
  const std::string prefix = "stages." + name + ".";
  checker.require(limit.silence <= limit.start_to_close, prefix + "silence", "at most start_to_close",
                  prefix + "start_to_close");
}

void check_stages(Checker& checker, const Stages& stages) {
  check_stage(checker, "validation", stages.validation);
  check_stage(checker, "script_generation", stages.script_generation);
  check_stage(checker, "audio_synthesis", stages.audio_synthesis);
  check_stage(checker, "image_generation", stages.image_generation);
  check_stage(checker, "video_generation", stages.video_generation);
  check_stage(checker, "format_conversion", stages.format_conversion);
  check_stage(checker, "video_processing", stages.video_processing);
  check_stage(checker, "notification", stages.notification);
}

void check_render(Checker& checker, const Render& render) {
  checker.require(render.width_px % 2 == 0, "render.width", "is odd; allowed: an even number");
  checker.require(render.height_px % 2 == 0, "render.height", "is odd; allowed: an even number");
  const bool names_hardware = render.encoder.ends_with("_nvenc");
  const bool names_software = render.encoder != "auto" && !names_hardware;
  checker.require(!(names_hardware && render.hardware == "never"), "render.encoder",
                  "auto or a software encoder, or another render.hardware", "render.hardware");
  checker.require(!(names_software && render.hardware == "required"), "render.encoder",
                  "auto or an encoder ending in _nvenc, or another render.hardware", "render.hardware");
}

void check_paths(Checker& checker, const Config& config) {
  const std::array<std::pair<const char*, const std::filesystem::path*>, 5> owned{
      {{"paths.spool", &config.paths.spool},
       {"paths.assets", &config.paths.assets},
       {"queue.path", &config.queue.path},
       {"storage.directory", &config.storage.directory},
       {"control.socket", &config.control.socket}}};
  for (std::size_t i = 0; i < owned.size(); ++i) {
    for (std::size_t j = i + 1; j < owned.size(); ++j) {
      checker.require(*owned[i].second != *owned[j].second, owned[j].first, "a path of its own", owned[i].first);
    }
  }
  constexpr std::size_t kMaxSocketBytes = sizeof(sockaddr_un::sun_path) - 1;
  checker.require(config.control.socket.string().size() <= kMaxSocketBytes, "control.socket",
                  "is too long for a Unix socket; allowed: at most " + std::to_string(kMaxSocketBytes) + " bytes");
}

void check_storage(Checker& checker, const Storage& storage) {
  constexpr std::uint64_t kUnit = 256 * 1024;
  checker.require(storage.chunk_bytes % kUnit == 0, "storage.chunk", "is no multiple of 256KiB; allowed: one that is");
}

void check_central(Checker& checker, const Central& central) {
  checker.require(3 * central.renew_interval <= central.lease, "central.renew_interval",
                  "at most a third of central.lease", "central.lease");
  checker.require(central.poll_minimum <= central.poll_maximum, "central.poll_minimum", "at most central.poll_maximum",
                  "central.poll_maximum");
  // A statement that hangs must not cost the leases.
  checker.require(central.statement_timeout < central.lease, "central.statement_timeout", "less than central.lease",
                  "central.lease");
}

}  // namespace

void check_together(const Config& config, const Origins& origins, Problems& problems) {
  Checker checker(config, origins, problems);
  check_stages(checker, config.stages);
  check_render(checker, config.render);
  check_paths(checker, config);
  check_storage(checker, config.storage);
  check_central(checker, config.central);
  checker.require(config.queue.retry_initial <= config.queue.retry_maximum, "queue.retry_initial",
                  "at most queue.retry_maximum", "queue.retry_maximum");
  checker.require(config.workers.grace < config.shutdown.drain_limit, "workers.grace", "less than shutdown.drain_limit",
                  "shutdown.drain_limit");
  checker.require(config.notify.command.empty() || !config.notify.command.front().empty(), "notify.command",
                  "begins with an empty text; allowed: a program and its arguments, or an empty list");
}

}  // namespace vivid::config
