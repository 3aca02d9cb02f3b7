// Reads the members of one JSON object, checking each; what does not fit goes to the report and reads as absent, so
// that reading goes on and all problems are found. null is absent.
//
// Threads: one report, one thread. Ownership: borrows the object and the report.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "render/storyboard/report.h"

namespace vivid::render {

enum class Need {
  optional,   // may be missing or empty
  present,    // must be there, may be empty
  non_empty,  // must be there and say something
};

class Fields {
 public:
  Fields(const nlohmann::json& object, std::string pointer, Report& report)
      : object_(object), pointer_(std::move(pointer)), report_(report) {}

  bool has(std::string_view key) const;
  // Trimmed, line ends as \n, control characters removed (with a warning); at most kMaxTextBytes.
  std::string text(std::string_view key, Need need = Need::optional) const;
  std::optional<double> number(std::string_view key, double minimum, double maximum) const;
  // Texts that say something; empty ones are left out. `restore_tex`: see restore_tex_commands.
  std::vector<std::string> texts(std::string_view key, std::size_t limit, bool restore_tex = false) const;
  void objects(std::string_view key, std::size_t minimum, std::size_t limit,
               const std::function<void(const Fields&)>& take) const;
  std::optional<Fields> object(std::string_view key) const;
  // [x, y], both from 0 to 1.
  std::optional<std::pair<double, double>> point(std::string_view key) const;

  const std::string& pointer() const { return pointer_; }
  Report& report() const { return report_; }
  void problem(std::string_view key, std::string_view what) const;
  void warning(std::string_view key, std::string_view what) const;

 private:
  const nlohmann::json* find(std::string_view key) const;
  const nlohmann::json* array(std::string_view key, std::size_t limit) const;
  std::string clean(const std::string& raw, std::string_view pointer) const;

  const nlohmann::json& object_;
  std::string pointer_;
  Report& report_;
};

// "\frac" and "\times" written into JSON with one backslash arrive as a form feed and "rac", a tab and "imes". Within
// an equation such a character before a letter was a backslash.
std::string restore_tex_commands(std::string_view equation);

}  // namespace vivid::render
