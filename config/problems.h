// Everything that is wrong with a configuration, gathered so that one run names it all.
//
// Threads: one object, one thread. Bounds: lines are kept to kMaxProblems and the rest counted; keys, to those of one
// file.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace vivid::config {

class Problems {
 public:
  static constexpr std::size_t kMaxProblems = 100;

  // One line: "where: key: what". An empty key is left out.
  void add(std::string_view where, std::string_view key, std::string_view what);
  bool empty() const { return lines_.empty(); }
  // The key's value is not known: what was meant for it stands under another name.
  void doubt(const std::string& key) { doubted_.insert(key); }
  // Nothing can be said about the key's value. One that was refused is still the default, and would be blamed for not
  // fitting the others.
  bool doubted(const std::string& key) const { return doubted_.contains(key); }
  // A problem of no key was added: nothing is known about any value.
  bool unreadable() const { return doubted_.contains(""); }
  // invalid_input with every line; fine when there is none.
  Status status() const;

 private:
  std::vector<std::string> lines_;
  std::set<std::string> doubted_;
  std::size_t left_out_ = 0;
};

// "file:12"
std::string at_line(std::string_view file, int line);
// The value for a message: cut to a screen's width, control characters and broken UTF-8 replaced, in quotes.
std::string in_quotes(std::string_view value);

}  // namespace vivid::config
