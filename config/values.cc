// Text to value and back, for every type an option can have.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <system_error>
#include <utility>

#include "base/secrets.h"
#include "base/units.h"
#include "base/utf8.h"
#include "config/option.h"
#include "config/problems.h"

namespace vivid::config {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMaxTextBytes = 4096;
constexpr std::size_t kMaxListItems = 64;

template <typename... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <typename... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

// The whole of `text` as a number, or nothing.
template <typename Number, typename... Base>
bool read_number(std::string_view text, Number& number, Base... base) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base...);
  return error == std::errc{} && end == text.data() + text.size();
}

// "1h2m3s4ms": nothing rounded away, unlike what people are shown.
std::string exact_duration(milliseconds duration) {
  constexpr std::array<std::pair<const char*, std::int64_t>, 5> kUnits{
      {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};
  std::int64_t rest = duration.count();
  if (rest == 0) return "0ms";
  std::string text;
  for (const auto& [name, factor] : kUnits) {
    if (rest / factor > 0) text += std::to_string(rest / factor) + name;
    rest %= factor;
  }
  return text;
}

// The largest unit that divides it.
std::string exact_size(std::uint64_t bytes) {
  constexpr std::array<const char*, 5> kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (bytes != 0 && bytes % 1024 == 0 && unit + 1 < kUnits.size()) {
    bytes /= 1024;
    ++unit;
  }
  return std::to_string(bytes) + kUnits[unit];
}

std::string exact_number(double number) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), number);
  return std::string(text.data(), end);
}

std::string octal(int mode) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode));
  return text.data();
}

std::string yaml_text(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

// A bound or a value of this option, as a person writes it.
std::string show_number(const Option& option, double number) {
  Config scratch;
  const Target target = option.target(scratch);
  if (std::holds_alternative<milliseconds*>(target)) return exact_duration(milliseconds(std::llround(number)));
  if (std::holds_alternative<std::uint64_t*>(target)) return exact_size(static_cast<std::uint64_t>(number));
  if (option.octal) return octal(static_cast<int>(number));
  if (std::holds_alternative<double*>(target)) return exact_number(number);
  return std::to_string(std::llround(number));
}

tl::unexpected<Error> refuse(const Option& option, std::string_view text, std::string_view what) {
  // What cannot be read may be a password all over.
  return fail(ErrorCode::invalid_input, (option.secret ? std::string("its value") : in_quotes(text)) + " " +
                                            std::string(what) + "; allowed: " + describe_allowed(option));
}

template <typename Number>
Status check_range(const Option& option, std::string_view text, Number number) {
  const double value = static_cast<double>(number);
  if (value >= option.minimum && value <= option.maximum) return {};
  return refuse(option, text, "is out of range");
}

template <typename Integer>
Status assign_integer(const Option& option, Integer& place, std::string_view text) {
  Integer value = 0;
  if (option.octal) {
    // A leading zero is asked for: 660 read as octal, or 0660 as decimal, would open the socket to strangers.
    if (text.size() != 4 || text.front() != '0' || !read_number(text, value, 8)) {
      return refuse(option, text, "is not an octal file mode");
    }
  } else if (!read_number(text, value)) {
    std::int64_t wide = 0;
    if (read_number(text, wide)) return refuse(option, text, "is out of range");
    return refuse(option, text, "is not a whole number");
  }
  VIVID_TRY(check_range(option, text, value));
  place = value;
  return {};
}

Status assign_real(const Option& option, double& place, std::string_view text) {
  double value = 0.0;
  if (!read_number(text, value, std::chars_format::fixed) || !std::isfinite(value)) {
    return refuse(option, text, "is not a number");
  }
  VIVID_TRY(check_range(option, text, value));
  place = value;
  return {};
}

Status assign_flag(const Option& option, bool& place, std::string_view text) {
  if (text != "true" && text != "false") return refuse(option, text, "is neither true nor false");
  place = text == "true";
  return {};
}

Status assign_duration(const Option& option, milliseconds& place, std::string_view text) {
  const auto value = parse_duration(text);
  if (!value) return refuse(option, text, "is not a duration such as 90s, 1m30s or 250ms");
  VIVID_TRY(check_range(option, text, value->count()));
  place = *value;
  return {};
}

Status assign_size(const Option& option, std::uint64_t& place, std::string_view text) {
  const auto value = parse_size(text);
  if (!value) return refuse(option, text, "is not a size such as 512MiB, 4GiB or 1.5GB");
  VIVID_TRY(check_range(option, text, *value));
  place = *value;
  return {};
}

Status check_text(const Option& option, std::string_view text) {
  if (text.size() > kMaxTextBytes) return refuse(option, text, "is longer than 4096 bytes");
  if (!is_valid_utf8(text)) return refuse(option, text, "is not UTF-8");
  if (has_control_characters(text)) return refuse(option, text, "has control characters in it");
  if (!option.choices.empty() &&
      std::find(option.choices.begin(), option.choices.end(), text) == option.choices.end()) {
    return refuse(option, text, "is not one of the choices");
  }
  if (option.accepts != nullptr && !option.accepts(text)) return refuse(option, text, "is not valid");
  const bool may_be_empty = !option.when_empty.empty();
  if (text.empty() && !may_be_empty) return refuse(option, text, "is empty");
  return {};
}

Target target_in(const Option& option, const Config& config) {
  // The table yields places to write to; callers of this only read.
  return option.target(const_cast<Config&>(config));
}

Target default_target(const Option& option) {
  static const Config defaults;
  return target_in(option, defaults);
}

}  // namespace

bool is_list(const Option& option) { return std::holds_alternative<std::vector<std::string>*>(default_target(option)); }

bool is_path(const Option& option) { return std::holds_alternative<std::filesystem::path*>(default_target(option)); }

std::string_view type_name(const Option& option) {
  if (option.octal) return "octal mode";
  if (option.bare) return "decimal";
  return std::visit(Overloaded{[](std::string*) { return "text"; }, [](std::filesystem::path*) { return "path"; },
                               [](int*) { return "integer"; }, [](std::int64_t*) { return "integer"; },
                               [](std::uint64_t*) { return "size"; }, [](double*) { return "number"; },
                               [](bool*) { return "true/false"; }, [](milliseconds*) { return "duration"; },
                               [](std::vector<std::string>*) { return "list"; }},
                    default_target(option));
}

std::string describe_allowed(const Option& option) {
  if (!option.choices.empty()) {
    std::string text;
    for (const std::string& choice : option.choices) text += (text.empty() ? "" : ", ") + choice;
    return text;
  }
  if (option.accepts != nullptr) return option.grammar;
  if (type_name(option) == "true/false") return "true, false";
  if (is_list(option)) return "a list of at most 64 texts";
  if (is_path(option)) return option.when_empty.empty() ? "a path" : "a path, or empty";
  if (type_name(option) == "text") return option.when_empty.empty() ? "text" : "text, or empty";
  std::string text = show_number(option, option.minimum) + " to " + show_number(option, option.maximum);
  if (option.octal) text += ", four octal digits with the leading 0";
  return text;
}

Status assign(const Option& option, Config& config, std::string_view text) {
  return std::visit(Overloaded{[&](std::string* place) -> Status {
                                 VIVID_TRY(check_text(option, text));
                                 *place = text;
                                 return {};
                               },
                               [&](std::filesystem::path* place) -> Status {
                                 VIVID_TRY(check_text(option, text));
                                 *place = std::filesystem::path(text);
                                 return {};
                               },
                               [&](int* place) { return assign_integer(option, *place, text); },
                               [&](std::int64_t* place) { return assign_integer(option, *place, text); },
                               [&](std::uint64_t* place) { return assign_size(option, *place, text); },
                               [&](double* place) { return assign_real(option, *place, text); },
                               [&](bool* place) { return assign_flag(option, *place, text); },
                               [&](milliseconds* place) { return assign_duration(option, *place, text); },
                               [&](std::vector<std::string>*) {
                                 return assign_list(option, config,
                                                    text.empty() ? std::vector<std::string>{}
                                                                 : std::vector<std::string>{std::string(text)});
                               }},
                    option.target(config));
}

Status assign_list(const Option& option, Config& config, std::vector<std::string> items) {
  if (items.size() > kMaxListItems) {
    return fail(ErrorCode::invalid_input,
                "has " + std::to_string(items.size()) + " items; allowed: " + describe_allowed(option));
  }
  for (const std::string& item : items) VIVID_TRY(check_text(option, item));
  *std::get<std::vector<std::string>*>(option.target(config)) = std::move(items);
  return {};
}

bool same_value(const Option& option, const Config& a, const Config& b) {
  if (!option.secret) return format_value(option, a) == format_value(option, b);
  return *std::get<std::string*>(target_in(option, a)) == *std::get<std::string*>(target_in(option, b));
}

std::string format_value(const Option& option, const Config& config) {
  return std::visit(
      Overloaded{[&](const std::string* value) {
                   if (option.bare) return *value;
                   return yaml_text(option.secret ? without_passwords(*value) : *value);
                 },
                 [](const std::filesystem::path* value) { return yaml_text(value->string()); },
                 [&](const int* value) { return option.octal ? "\"" + octal(*value) + "\"" : std::to_string(*value); },
                 [](const std::int64_t* value) { return std::to_string(*value); },
                 [](const std::uint64_t* value) { return exact_size(*value); },
                 [](const double* value) { return exact_number(*value); },
                 [](const bool* value) { return std::string(*value ? "true" : "false"); },
                 [](const milliseconds* value) { return exact_duration(*value); },
                 [](const std::vector<std::string>* value) {
                   std::string text;
                   for (const std::string& item : *value) text += (text.empty() ? "" : ", ") + yaml_text(item);
                   return "[" + text + "]";
                 }},
      target_in(option, config));
}

}  // namespace vivid::config
