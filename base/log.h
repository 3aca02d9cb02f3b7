// Structured logging over spdlog: one event name, then fields. The same line reads well on a terminal, as JSON, and in
// the journal, which is told its priority. JSON lines are valid whatever bytes a message holds.
//
//   log::info("stage finished", {{"job", uid}, {"stage", "render"}, {"seconds", 4.2}});
//
// Every line about a job carries correlation_id, job, stage and attempt.
//
// Threads: all functions are safe from any thread. A line is written whole.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"

namespace vivid::log {

enum class Level { debug, info, warning, error };
std::string_view to_text(Level level);

class Value {
 public:
  Value(std::string_view text) : value_(std::string(text)) {}
  Value(std::string text) : value_(std::move(text)) {}
  Value(const char* text) : value_(std::string(text)) {}
  Value(bool flag) : value_(flag) {}
  Value(double number) : value_(number) {}
  template <typename Integer>
  requires std::is_integral_v<Integer> Value(Integer number) : value_(static_cast<std::int64_t>(number)) {}

  const std::variant<std::string, bool, double, std::int64_t>& get() const { return value_; }

 private:
  std::variant<std::string, bool, double, std::int64_t> value_;
};

using Field = std::pair<std::string, Value>;
using Fields = std::vector<Field>;

enum class Format { human, json };

struct Options {
  Level level = Level::info;
  // Human for a terminal, JSON elsewhere.
  Format format = Format::human;
  // Who speaks: "vividd", "vivid-render".
  std::string program;
};

// Writes to standard error from now on. Call once, before threads start; without it, human lines at info.
void start(const Options& options);
// May be called at any time (SIGHUP reload).
void set_level(Level level);

// One line as JSON, without a newline: {"time":…,"level":…,"program":…,"message":…, fields…}.
using Tap = std::function<void(Level, std::string_view message, const Fields& fields, std::string_view json_line)>;
// Sees every line that is written, on the thread that logs; must be quick and must not log. Empty function: none.
void set_tap(Tap tap);

void write(Level level, std::string_view message, const Fields& fields = {});

inline void debug(std::string_view message, const Fields& fields = {}) { write(Level::debug, message, fields); }
inline void info(std::string_view message, const Fields& fields = {}) { write(Level::info, message, fields); }
inline void warning(std::string_view message, const Fields& fields = {}) { write(Level::warning, message, fields); }
inline void error(std::string_view message, const Fields& fields = {}) { write(Level::error, message, fields); }

}  // namespace vivid::log
