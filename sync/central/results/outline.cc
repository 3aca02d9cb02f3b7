#include "sync/central/results/outline.h"

#include <string>

namespace vivid::sync {
namespace {

constexpr std::size_t kNowhere = std::string_view::npos;

// Position after the closing quote of the string that begins at `from`; kNowhere if it does not end.
std::size_t after_string(std::string_view json, std::size_t from) {
  for (std::size_t at = from + 1; at < json.size(); ++at) {
    if (json[at] == '"') return at + 1;
    if (json[at] == '\\') ++at;
  }
  return kNowhere;
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Follows the nesting of brackets, and remembers the outermost object's "status".
class Scanner {
 public:
  explicit Scanner(std::string_view json) : json_(json) {}

  std::optional<Outline> scan() {
    if (json_.empty() || json_.front() != '{') return std::nullopt;
    std::size_t at = 0;
    while (at < json_.size()) {
      const char c = json_[at];
      if (c == '"') {
        const std::size_t end = after_string(json_, at);
        if (end == kNowhere) return std::nullopt;
        take(json_.substr(at + 1, end - at - 2));
        at = end;
        continue;
      }
      if (!bracket(c)) return std::nullopt;
      if (open_.empty()) return at + 1 == json_.size() ? std::optional(outline_) : std::nullopt;
      if (open_.size() == 1 && !is_space(c) && c != ':') awaits_status_ = false;
      ++at;
    }
    return std::nullopt;
  }

 private:
  void take(std::string_view text) {
    if (open_.size() != 1) return;
    if (awaits_status_) outline_.status = text;
    awaits_status_ = !awaits_status_ && is_key_ && text == "status";
    is_key_ = false;
  }

  // False for one that closes what is not open.
  bool bracket(char c) {
    if (c == '{' || c == '[') {
      open_ += c;
      is_key_ = c == '{' && open_.size() == 1;
    } else if (c == '}' || c == ']') {
      if (open_.empty() || open_.back() != (c == '}' ? '{' : '[')) return false;
      open_.pop_back();
    } else if (c == ',' && open_.size() == 1) {
      is_key_ = true;
    }
    return true;
  }

  std::string_view json_;
  std::string open_;
  Outline outline_;
  bool is_key_ = false;
  bool awaits_status_ = false;
};

}  // namespace

std::optional<Outline> outline_of(std::string_view json) { return Scanner(json).scan(); }

}  // namespace vivid::sync
