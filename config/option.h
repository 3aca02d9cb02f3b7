// Every option, described once: what loads it, prints it, documents it and names its environment variable.
//
// Threads: the table is immutable after its first use. Units: minimum and maximum are in milliseconds for durations,
// bytes for sizes, else in the option's own unit.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/config.h"

namespace vivid::config {

// Where an option's value lives in a Config.
using Target = std::variant<std::string*, std::filesystem::path*, int*, std::int64_t*, std::uint64_t*, double*, bool*,
                            std::chrono::milliseconds*, std::vector<std::string>*>;

struct Option {
  std::string key;                        // "stages.video_generation.silence"
  std::string doc;                        // one sentence, for the operator
  std::function<Target(Config&)> target;  // valid as long as the Config
  double minimum = 0.0;
  double maximum = 0.0;
  std::vector<std::string> choices;        // texts: exactly these; none: any that `accepts`
  bool (*accepts)(std::string_view) = {};  // texts with a grammar of their own
  std::string grammar;                     // what `accepts` takes, in words
  std::string unit;                        // where the kind does not say it
  std::string below_state;                 // paths: an empty one becomes state_directory/below_state
  std::string when_empty;                  // what an empty value means
  bool octal = false;                      // a file mode
  bool bare = false;                       // a text that is written like a number
  bool secret = false;                     // may hold a password, which is never shown
};

// In the order of the annotated file.
const std::vector<Option>& options();
// Null: no such option.
const Option* find_option(std::string_view key);
// "VIVIDD_HTTP_PORT" for http.port.
std::string environment_name(const Option& option);

// "text", "path", "integer", "number", "true/false", "duration", "size", "list", "octal mode".
std::string_view type_name(const Option& option);
// What may be written: "0 to 65535", "auto, human, json" …
std::string describe_allowed(const Option& option);

// Writes `text` into the option's place in `config`; the error says what is wrong and what is allowed.
Status assign(const Option& option, Config& config, std::string_view text);
Status assign_list(const Option& option, Config& config, std::vector<std::string> items);
bool is_list(const Option& option);
bool is_path(const Option& option);
// The value as assign() reads it back, in YAML's own notation; of a secret option without its password.
std::string format_value(const Option& option, const Config& config);
bool same_value(const Option& option, const Config& a, const Config& b);

}  // namespace vivid::config
