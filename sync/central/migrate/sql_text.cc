#include "sync/central/migrate/sql_text.h"

#include <cctype>

namespace vivid::sync {
namespace {

bool is_word_start(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

class Scanner {
 public:
  explicit Scanner(std::string_view sql) : sql_(sql) {}

  Result<std::vector<Statement>> scan() {
    while (at_ < sql_.size()) VIVID_TRY(take());
    end_statement();
    return std::move(statements_);
  }

 private:
  bool looking_at(std::string_view text) const { return sql_.substr(at_).starts_with(text); }

  Status take() {
    const char c = sql_[at_];
    if (looking_at("--")) return skip_to("\n", false);
    if (looking_at("/*")) return skip_to("*/", true);
    if (c == '\'' || c == '"') return quoted(c);
    if (c == '$') return dollar();
    if (is_word_start(c)) return word();
    ++at_;
    if (c == ';') {
      end_statement();
    } else {
      current_.text += c;
    }
    return {};
  }

  // A comment becomes one space.
  Status skip_to(std::string_view end, bool required) {
    const std::size_t found = sql_.find(end, at_ + 2);
    if (found == std::string_view::npos && required) return fail(ErrorCode::invalid_input, "a comment has no end");
    at_ = found == std::string_view::npos ? sql_.size() : found + end.size();
    current_.text += ' ';
    return {};
  }

  Status quoted(char quote) {
    // A doubled quote reads as the end of one text and the start of the next, which comes to the same here.
    const std::size_t end = sql_.find(quote, at_ + 1);
    if (end == std::string_view::npos) {
      return fail(ErrorCode::invalid_input, std::string("a ") + quote + " has no partner");
    }
    return copy_to(end + 1);
  }

  Status dollar() {
    std::size_t end = at_ + 1;
    if (end < sql_.size() && std::isdigit(static_cast<unsigned char>(sql_[end])) != 0) return copy_to(end + 1);
    while (end < sql_.size() && is_word(sql_[end])) ++end;
    if (end == sql_.size() || sql_[end] != '$') {
      return fail(ErrorCode::invalid_input, "a single $ quotes nothing; write $body$ … $body$");
    }
    const std::string_view tag = sql_.substr(at_, end + 1 - at_);
    const std::size_t close = sql_.find(tag, end + 1);
    if (close == std::string_view::npos) {
      return fail(ErrorCode::invalid_input, "the quote " + std::string(tag) + " has no end");
    }
    return copy_to(close + tag.size());
  }

  Status word() {
    std::size_t end = at_;
    std::string upper;
    // A dollar within a word is part of it.
    while (end < sql_.size() && (is_word(sql_[end]) || sql_[end] == '$')) {
      upper += static_cast<char>(std::toupper(static_cast<unsigned char>(sql_[end++])));
    }
    current_.words.push_back(std::move(upper));
    return copy_to(end);
  }

  Status copy_to(std::size_t end) {
    current_.text += sql_.substr(at_, end - at_);
    at_ = end;
    return {};
  }

  void end_statement() {
    if (!current_.words.empty()) {
      const std::size_t first = current_.text.find_first_not_of(" \t\r\n");
      const std::size_t last = current_.text.find_last_not_of(" \t\r\n");
      current_.text = current_.text.substr(first, last + 1 - first);
      statements_.push_back(std::move(current_));
    }
    current_ = {};
  }

  std::string_view sql_;
  std::size_t at_ = 0;
  Statement current_;
  std::vector<Statement> statements_;
};

}  // namespace

Result<std::vector<Statement>> split_statements(std::string_view sql) { return Scanner(sql).scan(); }

}  // namespace vivid::sync
