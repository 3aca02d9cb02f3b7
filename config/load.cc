// Defaults, then the file, then the environment; then paths are filled in and everything is checked together.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <set>
#include <system_error>

#include "base/files.h"
#include "config/config.h"
#include "config/cross_checks.h"
#include "config/option.h"
#include "config/origins.h"
#include "config/problems.h"
#include "config/suggest.h"
#include "config/yaml_tree.h"

namespace vivid::config {
namespace {

namespace fs = std::filesystem;

// Ten times the annotated file.
constexpr std::uint64_t kMaxFileBytes = 256 * 1024;
constexpr std::string_view kVariablePrefix = "VIVIDD_";
// What the daemon gives its children to know them again by; a child that runs vividd hands them on.
constexpr std::array<std::string_view, 2> kMarks{"VIVIDD_STATE_DIRECTORY", "VIVIDD_JOB"};

// Names one level below `section` ("" for the top), in table order: "path", "max_crashes" … for "queue".
std::vector<std::string> names_below(const std::string& section) {
  const std::string prefix = section.empty() ? "" : section + ".";
  std::vector<std::string> names;
  for (const Option& option : options()) {
    if (!option.key.starts_with(prefix)) continue;
    const std::string rest = option.key.substr(prefix.size());
    std::string name = rest.substr(0, rest.find('.'));
    if (names.empty() || names.back() != name) names.push_back(std::move(name));
  }
  return names;
}

bool is_mark(std::string_view variable) { return std::find(kMarks.begin(), kMarks.end(), variable) != kMarks.end(); }

std::vector<std::string> without_prefix(const std::vector<std::string>& variables) {
  std::vector<std::string> names;
  for (const std::string& variable : variables) names.push_back(variable.substr(kVariablePrefix.size()));
  return names;
}

std::string join(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

class Loader {
 public:
  Loader(std::string name, fs::path folder)
      : name_(std::move(name)), folder_(std::move(folder)), origins_(name_.empty() ? "defaults" : name_) {}

  void read_text(std::string_view yaml) {
    if (yaml.size() > kMaxFileBytes) {
      problems_.add(name_, "", "has more than the allowed " + std::to_string(kMaxFileBytes) + " bytes");
      return;
    }
    const std::optional<YamlNode> root = parse_yaml(yaml, name_, problems_);
    if (!root || root->kind == YamlNode::Kind::null) return;
    if (root->kind != YamlNode::Kind::map) {
      problems_.add(at_line(name_, root->line), "", "is not a map; allowed: sections " + join(names_below("")));
      return;
    }
    read_section("", *root);
  }

  void read_environment(const Environment& environment) {
    if (!environment) return;
    for (const Option& option : options()) {
      const std::string variable = environment_name(option);
      const std::optional<std::string> text = environment(variable);
      if (!text) continue;
      origins_.set(option.key, variable);
      report(variable, option.key, assign_variable(option, variable, *text));
    }
  }

  void check_variables(const std::vector<std::string>& variables) {
    std::vector<std::string> known;
    for (const Option& option : options()) known.push_back(environment_name(option));
    for (const std::string& variable : variables) {
      if (!variable.starts_with(kVariablePrefix) || is_mark(variable)) continue;
      if (std::find(known.begin(), known.end(), variable) != known.end()) continue;
      const std::string near = nearest(variable.substr(kVariablePrefix.size()), without_prefix(known));
      problems_.add("environment", variable,
                    near.empty() ? "no such option; allowed: the variables of docs/configuration.md"
                                 : "no such option; did you mean " + std::string(kVariablePrefix) + near + "?");
      for (const Option& option : options()) {
        if (environment_name(option) == std::string(kVariablePrefix) + near) problems_.doubt(option.key);
      }
    }
  }

  Result<Config> finish() {
    fill_paths();
    if (!problems_.unreadable()) check_together(config_, origins_, problems_);
    VIVID_TRY(problems_.status());
    return config_;
  }

 private:
  void read_section(const std::string& section, const YamlNode& node) {
    std::map<std::string, int> seen;
    for (const YamlEntry& entry : node.entries) {
      const std::string key = section.empty() ? entry.key : section + "." + entry.key;
      const std::string where = at_line(name_, entry.line);
      if (const auto [first, fresh] = seen.emplace(entry.key, entry.line); !fresh) {
        problems_.add(where, key, "is given twice, first in line " + std::to_string(first->second) + "; allowed: once");
      } else if (const Option* option = find_option(key)) {
        origins_.set(key, where);
        report(at_line(name_, entry.value.line), key, assign_node(*option, entry.value));
      } else if (const std::vector<std::string> names = names_below(key); names.empty()) {
        report_unknown(where, section, entry.key, key);
      } else if (entry.value.kind == YamlNode::Kind::map) {
        read_section(key, entry.value);
      } else if (entry.value.kind != YamlNode::Kind::null) {
        problems_.add(where, key, "is a section, not a value; allowed: " + join(names));
      }
    }
  }

  void report(const std::string& where, const std::string& key, const Status& status) {
    if (!status) problems_.add(where, key, status.error().message);
  }

  void report_unknown(const std::string& where, const std::string& section, const std::string& name,
                      const std::string& key) {
    const std::vector<std::string> known = names_below(section);
    if (const std::string near = nearest(name, known); !near.empty()) {
      const std::string meant = section.empty() ? near : section + "." + near;
      problems_.add(where, key, "no such option; did you mean " + meant + "?");
      problems_.doubt(meant);
      return;
    }
    for (const Option& option : options()) {
      if (!option.key.ends_with("." + name)) continue;
      problems_.add(where, key, "no such option; did you mean " + option.key + "?");
      problems_.doubt(option.key);
      return;
    }
    problems_.add(where, key, "no such option; allowed: " + join(known));
  }

  Status assign_node(const Option& option, const YamlNode& node) {
    switch (node.kind) {
      case YamlNode::Kind::scalar:
        return assign(option, config_, node.text);
      case YamlNode::Kind::null:
        if (!option.when_empty.empty()) return assign(option, config_, "");
        return fail(ErrorCode::invalid_input, "has no value; allowed: " + describe_allowed(option));
      case YamlNode::Kind::list:
        return assign_items(option, node);
      case YamlNode::Kind::map:
        break;
    }
    return fail(ErrorCode::invalid_input, "is a map; allowed: " + describe_allowed(option));
  }

  Status assign_items(const Option& option, const YamlNode& node) {
    if (!is_list(option)) return fail(ErrorCode::invalid_input, "is a list; allowed: " + describe_allowed(option));
    std::vector<std::string> items;
    for (const YamlNode& item : node.items) {
      if (item.kind != YamlNode::Kind::scalar) {
        return fail(ErrorCode::invalid_input, "has an item that is not text; allowed: " + describe_allowed(option));
      }
      items.push_back(item.text);
    }
    return assign_list(option, config_, std::move(items));
  }

  // A list is written as in YAML, ["program", "argument"]; anything else stands for itself.
  Status assign_variable(const Option& option, const std::string& variable, const std::string& text) {
    if (!is_list(option) || !text.starts_with('[')) return assign(option, config_, text);
    Problems unreadable;
    const std::optional<YamlNode> node = parse_yaml(text, variable, unreadable);
    if (!node) return fail(ErrorCode::invalid_input, in_quotes(text) + " is not a list; allowed: [\"text\", …]");
    return assign_node(option, *node);
  }

  void fill_paths() {
    for (const Option& option : options()) {
      if (!is_path(option)) continue;
      fs::path& path = *std::get<fs::path*>(option.target(config_));
      if (path.empty() && option.below_state.empty()) continue;
      if (path.empty()) path = config_.paths.state_directory / option.below_state;
      // The table has paths.state_directory before all that live below it.
      path = (folder_ / path).lexically_normal();
    }
  }

  std::string name_;
  fs::path folder_;  // absolute; what relative paths start from
  Config config_;
  Problems problems_;
  Origins origins_;
};

Result<fs::path> absolute_folder(const fs::path& file) {
  std::error_code error;
  const fs::path current = fs::current_path(error);
  if (error) return tl::make_unexpected(errno_error(error.value(), "current directory"));
  return (current / file.parent_path()).lexically_normal();
}

}  // namespace

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

std::vector<std::string> process_variables() {
  std::vector<std::string> names;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    names.emplace_back(text.substr(0, text.find('=')));
  }
  return names;
}

Result<Config> load(const std::optional<fs::path>& file, const Environment& environment,
                    const std::vector<std::string>& variables) {
  if (file) {
    VIVID_ASSIGN(const std::string text, read_file(*file, kMaxFileBytes));
    return load_text(text, file->string(), environment, variables);
  }
  VIVID_ASSIGN(fs::path folder, absolute_folder({}));
  Loader loader("", std::move(folder));
  loader.read_environment(environment);
  loader.check_variables(variables);
  return loader.finish();
}

Result<Config> load_text(std::string_view yaml, const std::string& name, const Environment& environment,
                         const std::vector<std::string>& variables) {
  VIVID_ASSIGN(fs::path folder, absolute_folder(name));
  Loader loader(name, std::move(folder));
  loader.read_text(yaml);
  loader.read_environment(environment);
  loader.check_variables(variables);
  return loader.finish();
}

}  // namespace vivid::config
