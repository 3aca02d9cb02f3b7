#include "base/units.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>

namespace vivid {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr std::array<Unit, 5> kDurationUnits{
    {{"d", 86'400'000.0}, {"h", 3'600'000.0}, {"m", 60'000.0}, {"s", 1000.0}, {"ms", 1.0}}};
constexpr double kKibi = 1024.0;
constexpr std::array<Unit, 9> kSizeUnits{{{"B", 1.0},
                                          {"kB", 1e3},
                                          {"MB", 1e6},
                                          {"GB", 1e9},
                                          {"TB", 1e12},
                                          {"KiB", kKibi},
                                          {"MiB", kKibi* kKibi},
                                          {"GiB", kKibi* kKibi* kKibi},
                                          {"TiB", kKibi* kKibi* kKibi* kKibi}}};
// Ten years: longer than any limit here, far from overflow.
constexpr double kMaxDurationMs = 10.0 * 365.0 * 86'400'000.0;
// 2^53: beyond it a double no longer holds every byte count.
constexpr double kMaxSizeBytes = 9'007'199'254'740'992.0;

std::optional<double> take_number(std::string_view& text) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc{} || value < 0.0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

std::string_view take_letters(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() &&
         ((text[length] >= 'a' && text[length] <= 'z') || (text[length] >= 'A' && text[length] <= 'Z')))
    ++length;
  const std::string_view letters = text.substr(0, length);
  text.remove_prefix(length);
  return letters;
}

tl::unexpected<Error> bad_duration(std::string_view text) {
  return fail(
      ErrorCode::invalid_input,
      "'" + std::string(text) + "' is not a duration; write a number with ms, s, m, h or d, such as 90s or 1m30s");
}

tl::unexpected<Error> bad_size(std::string_view text) {
  return fail(ErrorCode::invalid_input,
              "'" + std::string(text) +
                  "' is not a size; write bytes, or a number with kB, MB, GB, KiB, MiB or GiB, such as 512MiB");
}

}  // namespace

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  if (text == "0") return std::chrono::milliseconds(0);
  std::string_view rest = text;
  double total_ms = 0.0;
  double previous_factor = std::numeric_limits<double>::infinity();
  do {
    const std::optional<double> number = take_number(rest);
    const std::string_view letters = take_letters(rest);
    if (!number) return bad_duration(text);
    double factor = 0.0;
    for (const Unit& unit : kDurationUnits) {
      if (unit.name == letters) factor = unit.factor;
    }
    if (factor == 0.0 || factor >= previous_factor) return bad_duration(text);
    previous_factor = factor;
    total_ms += *number * factor;
  } while (!rest.empty());
  if (total_ms > kMaxDurationMs) return bad_duration(text);
  return std::chrono::milliseconds(std::llround(total_ms));
}

Result<std::uint64_t> parse_size(std::string_view text) {
  std::string_view rest = text;
  const std::optional<double> number = take_number(rest);
  if (!number) return bad_size(text);
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  double factor = rest.empty() ? 1.0 : 0.0;
  for (const Unit& unit : kSizeUnits) {
    if (unit.name == rest) factor = unit.factor;
  }
  if (factor == 0.0 || *number * factor > kMaxSizeBytes) return bad_size(text);
  return static_cast<std::uint64_t>(std::llround(*number * factor));
}

std::string format_duration(std::chrono::milliseconds duration) {
  const long long ms = duration.count();
  std::array<char, 48> text{};
  if (ms < 0) return "-" + format_duration(-duration);
  if (ms < 1000) {
    std::snprintf(text.data(), text.size(), "%lldms", ms);
  } else if (ms < 60'000) {
    std::snprintf(text.data(), text.size(), ms % 1000 == 0 ? "%.0fs" : "%.1fs", static_cast<double>(ms) / 1000.0);
  } else if (ms < 3'600'000) {
    std::snprintf(text.data(), text.size(), "%lldm%02llds", ms / 60'000, ms / 1000 % 60);
  } else if (ms < 86'400'000) {
    std::snprintf(text.data(), text.size(), "%lldh%02lldm", ms / 3'600'000, ms / 60'000 % 60);
  } else {
    std::snprintf(text.data(), text.size(), "%lldd%02lldh", ms / 86'400'000, ms / 3'600'000 % 24);
  }
  return text.data();
}

std::string format_size(std::uint64_t bytes) {
  constexpr std::array<const char*, 5> kNames{"B", "KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes);
  std::size_t index = 0;
  while (value >= 1024.0 && index + 1 < kNames.size()) {
    value /= 1024.0;
    ++index;
  }
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), index == 0 ? "%.0f %s" : "%.1f %s", value, kNames[index]);
  return text.data();
}

}  // namespace vivid
