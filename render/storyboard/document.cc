#include "render/storyboard/document.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "render/storyboard/characters.h"
#include "render/storyboard/storyboard.h"

namespace vivid::render {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxDepth = 64;
// How often the whole text may be gone through in search of the object.
constexpr std::size_t kMaxPasses = 16;

// Builds the value as nlohmann's own handler would, and notes what that one lets pass: a name given twice, deep
// nesting.
class StrictHandler {
 public:
  explicit StrictHandler(Report& report) : report_(report) {}

  bool null() { return add(json(nullptr)); }
  bool boolean(bool value) { return add(json(value)); }
  bool number_integer(json::number_integer_t value) { return add(json(value)); }
  bool number_unsigned(json::number_unsigned_t value) { return add(json(value)); }
  bool number_float(json::number_float_t value, const std::string& /*literal*/) { return add(json(value)); }
  bool string(std::string& value) { return add(json(std::move(value))); }
  bool binary(json::binary_t& /*value*/) { return false; }  // no such thing in JSON text
  bool start_object(std::size_t /*elements*/) { return open(json::object()); }
  bool start_array(std::size_t /*elements*/) { return open(json::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& name) {
    key_ = std::move(name);
    if (stack_.back()->contains(key_)) report_.problem(child(pointer(), key_), "is given twice; once is allowed");
    return true;
  }

  bool parse_error(std::size_t /*position*/, const std::string& /*token*/, const json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 9: syntax error while …; last read: '…'"
    const std::string_view text = error.what();
    const std::size_t close = text.find("] ");
    error_ = clipped(close == std::string_view::npos ? text : text.substr(close + 2), 300);
    return false;
  }

  const std::string& error() const { return error_; }
  json take() { return std::move(root_); }

 private:
  std::string pointer() const {
    std::string out;
    for (std::size_t i = 0; i + 1 < stack_.size(); ++i) {
      out = stack_[i]->is_array() ? child(out, stack_[i]->size() - 1) : child(out, keys_[i + 1]);
    }
    return out;
  }

  json* add(json value) {
    if (stack_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    if (stack_.back()->is_array()) {
      stack_.back()->push_back(std::move(value));
      return &stack_.back()->back();
    }
    json& member = (*stack_.back())[key_];
    member = std::move(value);
    return &member;
  }

  bool open(json container) {
    if (stack_.size() >= kMaxDepth) {
      error_ = "nesting is deeper than " + std::to_string(kMaxDepth) + " levels";
      return false;
    }
    keys_.push_back(key_);
    stack_.push_back(add(std::move(container)));
    return true;
  }

  bool close() {
    stack_.pop_back();
    keys_.pop_back();
    return true;
  }

  Report& report_;
  json root_;
  std::vector<json*> stack_;       // the containers being filled; ancestors never move while a child is open
  std::vector<std::string> keys_;  // under which name each of them stands in its parent
  std::string key_;
  std::string error_;
};

// Where the object that begins at `start` ends (one past its brace), braces within strings not counted.
std::optional<std::size_t> matching_end(std::string_view text, std::size_t start) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = start; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      return i + 1;
    }
  }
  return std::nullopt;
}

// An object starts with a name or ends at once; braces in prose and in TeX do neither.
bool could_be_object(std::string_view text, std::size_t brace) {
  const std::size_t next = text.find_first_not_of(" \t\r\n", brace + 1);
  return next != std::string_view::npos && (text[next] == '"' || text[next] == '}');
}

bool is_lesson(const json& value) { return value.contains("sections") || value.contains("scenes"); }

struct Attempt {
  Document document;
  Report report;
};

class Search {
 public:
  explicit Search(std::string_view text) : text_(text), budget_(kMaxPasses * text.size()) {}

  Result<Attempt> run() {
    std::size_t at = text_.find('{');
    while (at != std::string_view::npos && budget_ > 0) {
      const std::size_t next = try_at(at);
      if (lesson_.has_value()) return std::move(*lesson_);
      at = text_.find('{', next);
    }
    // A small object within or beside a longer broken one is a part of it, not what was meant.
    if (object_.has_value() && object_->document.text.size() >= longest_) return std::move(*object_);
    if (!error_.empty()) return fail(ErrorCode::invalid_input, "not JSON: " + error_);
    return fail(ErrorCode::invalid_input,
                "no JSON object in it; a script or a storyboard is expected: '" + clipped(trimmed(text_), 60) + "'");
  }

 private:
  // Returns from where to look on.
  std::size_t try_at(std::size_t start) {
    if (!could_be_object(text_, start)) return start + 1;
    const auto end = matching_end(text_, start);
    const std::string_view candidate = text_.substr(start, end.value_or(text_.size()) - start);
    budget_ -= std::min(budget_, candidate.size());
    Attempt attempt;
    StrictHandler handler(attempt.report);
    // Cut off or not, the parser says best where it breaks.
    if (!json::sax_parse(candidate, &handler)) {
      if (candidate.size() > longest_) {
        longest_ = candidate.size();
        error_ = handler.error();
      }
      return start + 1;
    }
    attempt.document = Document{std::make_shared<const json>(handler.take()), candidate};
    if (is_lesson(*attempt.document.value)) {
      lesson_ = std::move(attempt);
    } else if (!object_.has_value()) {
      object_ = std::move(attempt);
    }
    return start + candidate.size();
  }

  std::string_view text_;
  std::size_t budget_;  // bytes
  std::size_t longest_ = 0;
  std::string error_;  // of the longest candidate: the one that was meant
  std::optional<Attempt> lesson_;
  std::optional<Attempt> object_;  // the first that is no lesson
};

}  // namespace

Result<Document> find_document(std::string_view text, Report& report) {
  if (text.size() > kMaxInputBytes) {
    return fail(ErrorCode::too_large, "the input has " + std::to_string(text.size()) + " bytes; at most " +
                                          std::to_string(kMaxInputBytes) + " are allowed");
  }
  VIVID_ASSIGN(Attempt found, Search(text).run());
  report = std::move(found.report);
  return std::move(found.document);
}

Result<std::string> extract_json_object(std::string_view text) {
  Report report;
  VIVID_ASSIGN(const Document document, find_document(text, report));
  return std::string(document.text);
}

}  // namespace vivid::render
