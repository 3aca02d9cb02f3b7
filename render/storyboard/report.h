// What is wrong with an input and what was understood in spite of itself, gathered while it is read, so that all of it
// is said at once.
//
// Threads: one report, one thread. Bounded: the first 20 problems and 50 warnings are kept, the rest counted.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace vivid::render {

class Report {
 public:
  // `what` says what is wrong with the value and what is allowed.
  void problem(std::string_view pointer, std::string_view what);
  void warning(std::string_view pointer, std::string_view what);

  bool has_problems() const { return problem_count_ > 0; }
  // All problems in one message; `subject` is "script" or "storyboard".
  Error to_error(std::string_view subject) const;
  std::vector<std::string> warnings() const;

 private:
  std::vector<std::string> problems_;
  std::size_t problem_count_ = 0;
  std::vector<std::string> warnings_;
  std::size_t warning_count_ = 0;
};

// Appends a member name or an index to a JSON pointer (RFC 6901).
std::string child(std::string_view pointer, std::string_view key);
std::string child(std::string_view pointer, std::size_t index);

}  // namespace vivid::render
