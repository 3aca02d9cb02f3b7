#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>

#include "base/clock.h"
#include "base/json_text.h"

namespace vivid::log {
namespace {

struct State {
  std::shared_ptr<spdlog::logger> logger;
  std::atomic<Level> level{Level::info};
  Format format = Format::human;
  bool coloured = false;
  bool to_journal = false;
  std::string program = "vivid";
  std::mutex tap_mutex;
  std::shared_ptr<const Tap> tap;

  State() : logger(std::make_shared<spdlog::logger>("vivid", std::make_shared<spdlog::sinks::stderr_sink_mt>())) {
    // Lines are complete when they reach spdlog: it serves as the thread-safe, flushing sink.
    logger->set_pattern("%v");
    logger->set_level(spdlog::level::trace);
    logger->flush_on(spdlog::level::trace);
  }
};

State& state() {
  static State instance;
  return instance;
}

spdlog::level::level_enum spdlog_level(Level level) {
  constexpr std::array kLevels{spdlog::level::debug, spdlog::level::info, spdlog::level::warn, spdlog::level::err};
  return kLevels[static_cast<std::size_t>(level)];
}

std::string number_text(double number) {
  if (!std::isfinite(number)) return "null";
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.6g", number);
  return text.data();
}

struct AppendValue {
  std::string& out;
  bool quoted;
  void operator()(const std::string& text) const {
    if (quoted || text.empty() || text.find_first_of(" \"=\n\t") != std::string::npos) {
      append_json_string(out, text);
    } else {
      out += text;
    }
  }
  void operator()(bool flag) const { out += flag ? "true" : "false"; }
  void operator()(double number) const { out += number_text(number); }
  void operator()(std::int64_t number) const { out += std::to_string(number); }
};

// Whether standard error is the journal's: systemd names its device and inode in JOURNAL_STREAM.
bool stderr_is_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat facts {};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &facts) != 0) return false;
  return std::to_string(facts.st_dev) + ":" + std::to_string(facts.st_ino) == stream;
}

// What the journal reads a line's priority from, and takes away.
std::string_view priority_prefix(Level level) {
  constexpr std::array<std::string_view, 4> kPrefixes{"<7>", "<6>", "<4>", "<3>"};
  return kPrefixes[static_cast<std::size_t>(level)];
}

std::string json_line(Level level, std::string_view message, const Fields& fields, WallTime now) {
  std::string line =
      "{\"time\":\"" + to_iso8601(now) + "\",\"level\":\"" + std::string(to_text(level)) + "\",\"program\":";
  append_json_string(line, state().program);
  line += ",\"message\":";
  append_json_string(line, message);
  for (const auto& [name, value] : fields) {
    line += ',';
    append_json_string(line, name);
    line += ':';
    std::visit(AppendValue{line, true}, value.get());
  }
  line += '}';
  return line;
}

std::string human_line(Level level, std::string_view message, const Fields& fields, WallTime now, bool coloured) {
  constexpr std::array<const char*, 4> kNames{"debug", "info ", "warn ", "error"};
  constexpr std::array<const char*, 4> kColours{"\033[2m", "\033[32m", "\033[33m", "\033[31m"};
  const std::size_t index = static_cast<std::size_t>(level);
  std::string line = to_iso8601(now).substr(11, 12) + " ";
  line += coloured ? std::string(kColours[index]) + kNames[index] + "\033[0m " : std::string(kNames[index]) + " ";
  line += message;
  for (const auto& [name, value] : fields) {
    line += coloured ? "  \033[2m" + name + "=\033[0m" : "  " + name + "=";
    std::visit(AppendValue{line, false}, value.get());
  }
  return line;
}

}  // namespace

std::string_view to_text(Level level) {
  constexpr std::array<std::string_view, 4> kNames{"debug", "info", "warning", "error"};
  return kNames[static_cast<std::size_t>(level)];
}

void start(const Options& options) {
  State& current = state();
  current.level = options.level;
  current.format = options.format;
  current.program = options.program;
  current.to_journal = stderr_is_journal();
  current.coloured = options.format == Format::human && ::isatty(STDERR_FILENO) == 1;
}

void set_level(Level level) { state().level = level; }

void set_tap(Tap tap) {
  State& current = state();
  const std::lock_guard lock(current.tap_mutex);
  current.tap = tap ? std::make_shared<const Tap>(std::move(tap)) : nullptr;
}

void write(Level level, std::string_view message, const Fields& fields) {
  State& current = state();
  if (level < current.level.load(std::memory_order_relaxed)) return;
  const WallTime now = system_clock().now();
  std::shared_ptr<const Tap> tap;
  {
    const std::lock_guard lock(current.tap_mutex);
    tap = current.tap;
  }
  std::string json;
  if (tap || current.format == Format::json) json = json_line(level, message, fields, now);
  if (tap) (*tap)(level, message, fields, json);
  const std::string line =
      current.format == Format::json ? json : human_line(level, message, fields, now, current.coloured);
  current.logger->log(spdlog_level(level), "{}{}", current.to_journal ? priority_prefix(level) : "", line);
}

}  // namespace vivid::log
