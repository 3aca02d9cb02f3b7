#include "config/problems.h"

#include "base/utf8.h"

namespace vivid::config {
namespace {

constexpr std::size_t kMaxQuotedBytes = 80;

// What a terminal or a log line can show whole.
std::string printable(std::string_view text) {
  const bool valid = is_valid_utf8(text);
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool shown = byte >= 0x20 && byte != 0x7f && (valid || byte < 0x80);
    result += shown ? c : '?';
  }
  return result;
}

}  // namespace

void Problems::add(std::string_view where, std::string_view key, std::string_view what) {
  doubted_.emplace(key);
  if (lines_.size() == kMaxProblems) {
    ++left_out_;
    return;
  }
  std::string line(where);
  line += ": ";
  if (!key.empty()) line += printable(key) + ": ";
  lines_.push_back(line + std::string(what));
}

Status Problems::status() const {
  if (lines_.empty()) return {};
  std::string message;
  for (const std::string& line : lines_) message += (message.empty() ? "" : "\n") + line;
  if (left_out_ > 0) message += "\nand " + std::to_string(left_out_) + " more";
  return fail(ErrorCode::invalid_input, message);
}

std::string at_line(std::string_view file, int line) { return std::string(file) + ":" + std::to_string(line); }

std::string in_quotes(std::string_view value) {
  if (value.size() <= kMaxQuotedBytes) return "'" + printable(value) + "'";
  return "'" + printable(cut_between_characters(value, kMaxQuotedBytes)) + "…'";
}

}  // namespace vivid::config
