// One YAML document as a plain tree that remembers its lines. Only what a configuration needs: no aliases, no second
// document, bounded depth, keys that are text.
//
// Threads: pure function. Errors: added to `problems`, with the line.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/problems.h"

namespace vivid::config {

struct YamlEntry;

struct YamlNode {
  enum class Kind { null, scalar, list, map };
  Kind kind = Kind::null;
  int line = 1;
  std::string text;                // scalar
  std::vector<YamlNode> items;     // list
  std::vector<YamlEntry> entries;  // map, in the order written; a key may come twice
};

struct YamlEntry {
  std::string key;
  int line = 1;
  YamlNode value;
};

// Nothing when the text has no readable tree; the reason is then in `problems`. Empty text is a null node.
std::optional<YamlNode> parse_yaml(std::string_view text, std::string_view name, Problems& problems);

}  // namespace vivid::config
