// The effective configuration as text, and what two configurations differ in.
#include "config/config.h"
#include "config/option.h"

namespace vivid::config {

std::string to_yaml(const Config& config) {
  std::string yaml;
  std::string open_section;
  for (const Option& option : options()) {
    std::size_t start = 0;
    std::string indent;
    for (std::size_t dot = option.key.find('.'); dot != std::string::npos; dot = option.key.find('.', start)) {
      const std::string section = option.key.substr(0, dot + 1);
      if (!open_section.starts_with(section)) {
        yaml += indent + option.key.substr(start, dot - start) + ":\n";
        open_section = section;
      }
      indent += "  ";
      start = dot + 1;
    }
    open_section = option.key.substr(0, start);
    yaml += indent + option.key.substr(start) + ": " + format_value(option, config) + "\n";
  }
  return yaml;
}

std::vector<std::string> changed_keys(const Config& before, const Config& after) {
  std::vector<std::string> keys;
  for (const Option& option : options()) {
    if (!same_value(option, before, after)) keys.push_back(option.key);
  }
  return keys;
}

}  // namespace vivid::config
