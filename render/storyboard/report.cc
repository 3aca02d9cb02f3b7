#include "render/storyboard/report.h"

namespace vivid::render {
namespace {

constexpr std::size_t kMaxProblems = 20;
constexpr std::size_t kMaxWarnings = 50;

std::string line(std::string_view pointer, std::string_view what) {
  return (pointer.empty() ? std::string("/") : std::string(pointer)) + ": " + std::string(what);
}

}  // namespace

void Report::problem(std::string_view pointer, std::string_view what) {
  if (++problem_count_ <= kMaxProblems) problems_.push_back(line(pointer, what));
}

void Report::warning(std::string_view pointer, std::string_view what) {
  if (++warning_count_ <= kMaxWarnings) warnings_.push_back(line(pointer, what));
}

Error Report::to_error(std::string_view subject) const {
  std::string message = "the " + std::string(subject) + " has " + std::to_string(problem_count_) +
                        (problem_count_ == 1 ? " problem:" : " problems:");
  for (const std::string& problem : problems_) message += "\n  " + problem;
  if (problem_count_ > kMaxProblems) message += "\n  and " + std::to_string(problem_count_ - kMaxProblems) + " more";
  return Error{ErrorCode::invalid_input, message};
}

std::vector<std::string> Report::warnings() const {
  std::vector<std::string> all = warnings_;
  if (warning_count_ > kMaxWarnings) all.push_back("and " + std::to_string(warning_count_ - kMaxWarnings) + " more");
  return all;
}

std::string child(std::string_view pointer, std::string_view key) {
  std::string out(pointer);
  out += '/';
  for (const char c : key) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

std::string child(std::string_view pointer, std::size_t index) {
  return std::string(pointer) + "/" + std::to_string(index);
}

}  // namespace vivid::render
