#include "daemon/vividctl/format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "base/units.h"
#include "daemon/vividctl/text.h"

namespace vivid::ctl {
namespace {

using std::chrono::microseconds;

std::optional<int> take_digits(std::string_view& text, std::size_t count) {
  int value = 0;
  if (text.size() < count) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + count, value);
  if (error != std::errc{} || end != text.data() + count || value < 0) return std::nullopt;
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, std::string_view allowed) {
  if (text.empty() || allowed.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<microseconds> take_fraction(std::string_view& text) {
  if (!take(text, ".")) return microseconds(0);
  std::int64_t micros = 0;
  std::int64_t weight = 100'000;
  std::size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    micros += (text[digits] - '0') * weight;
    weight /= 10;
  }
  if (digits == 0 || digits > 9) return std::nullopt;
  text.remove_prefix(digits);
  return microseconds(micros);
}

double seconds_between(WallTime from, WallTime to) { return std::chrono::duration<double>(to - from).count(); }

}  // namespace

std::string short_id(std::string_view job, std::size_t length) { return printable(job.substr(0, length)); }

std::size_t distinct_length(std::vector<std::string> jobs) {
  std::sort(jobs.begin(), jobs.end());
  jobs.erase(std::unique(jobs.begin(), jobs.end()), jobs.end());
  std::size_t length = kShortIdLength;
  for (std::size_t i = 1; i < jobs.size(); ++i) {
    const auto differ = std::mismatch(jobs[i - 1].begin(), jobs[i - 1].end(), jobs[i].begin(), jobs[i].end());
    length = std::max(length, static_cast<std::size_t>(differ.second - jobs[i].begin()) + 1);
  }
  return length;
}

std::optional<WallTime> parse_iso8601(std::string_view text) {
  using namespace std::chrono;
  const auto year_part = take_digits(text, 4);
  if (!year_part || !take(text, "-")) return std::nullopt;
  const auto month_part = take_digits(text, 2);
  if (!month_part || !take(text, "-")) return std::nullopt;
  const auto day_part = take_digits(text, 2);
  if (!day_part || !take(text, "T ")) return std::nullopt;
  const auto hour_part = take_digits(text, 2);
  if (!hour_part || !take(text, ":")) return std::nullopt;
  const auto minute_part = take_digits(text, 2);
  if (!minute_part || !take(text, ":")) return std::nullopt;
  const auto second_part = take_digits(text, 2);
  if (!second_part) return std::nullopt;
  const auto fraction = take_fraction(text);
  if (!fraction || (text != "Z" && text != "+00:00")) return std::nullopt;
  const year_month_day date{year(*year_part), month(static_cast<unsigned>(*month_part)),
                            day(static_cast<unsigned>(*day_part))};
  if (!date.ok() || *hour_part > 23 || *minute_part > 59 || *second_part > 60) return std::nullopt;
  return WallTime(sys_days(date).time_since_epoch() + hours(*hour_part) + minutes(*minute_part) +
                  seconds(*second_part) + *fraction);
}

std::string coarse_seconds(double seconds) {
  // Beyond a century no age is meant, and the conversion below would not be defined.
  constexpr double kCentury = 3.2e9;
  const auto whole = static_cast<long long>(std::clamp(seconds, 0.0, kCentury));
  if (whole < 60) return std::to_string(whole) + "s";
  if (whole < 3600) return std::to_string(whole / 60) + "m";
  if (whole < 86'400) return std::to_string(whole / 3600) + "h";
  return std::to_string(whole / 86'400) + "d";
}

std::string relative_time(std::string_view iso8601, WallTime now) {
  if (iso8601.empty()) return "-";
  const std::optional<WallTime> time = parse_iso8601(iso8601);
  if (!time) return printable(iso8601);
  const double ago = seconds_between(*time, now);
  if (std::abs(ago) < 1.0) return "now";
  return ago > 0 ? coarse_seconds(ago) + " ago" : "in " + coarse_seconds(-ago);
}

std::string absolute_time(std::string_view iso8601, WallTime now) {
  const std::optional<WallTime> time = parse_iso8601(iso8601);
  if (!time) return iso8601.empty() ? "-" : printable(iso8601);
  std::string text(iso8601.substr(0, 19));
  text[10] = ' ';
  return text + " UTC (" + relative_time(iso8601, now) + ")";
}

std::string elapsed(std::string_view from_iso8601, std::string_view to_iso8601, WallTime now) {
  const std::optional<WallTime> from = parse_iso8601(from_iso8601);
  if (!from) return "-";
  return seconds_text(seconds_between(*from, parse_iso8601(to_iso8601).value_or(now)));
}

std::string seconds_text(double seconds) {
  constexpr double kCentury = 3.2e9;
  const double bounded = std::clamp(seconds, 0.0, kCentury);
  return format_duration(std::chrono::milliseconds(std::llround(bounded * 1000.0)));
}

std::string count_text(std::int64_t count) {
  std::string text = std::to_string(count);
  const std::size_t first_digit = text.front() == '-' ? 1 : 0;
  for (std::size_t at = text.size(); at > first_digit + 3;) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  return text;
}

std::string size_text(std::int64_t bytes) { return bytes < 0 ? "-" : format_size(static_cast<std::uint64_t>(bytes)); }

bool is_final_state(std::string_view state) {
  return state == "completed" || state == "failed" || state == "quarantined" || state == "cancelled";
}

Tone tone_of_state(std::string_view state) {
  if (state == "completed") return Tone::good;
  if (state == "running" || state == "in_progress" || state == "busy") return Tone::running;
  if (state == "failed" || state == "quarantined") return Tone::bad;
  if (state == "cancelled" || state == "skipped" || state == "pending") return Tone::quiet;
  if (state == "draining" || state == "stopping") return Tone::warning;
  return Tone::plain;
}

std::string_view mark_of_state(std::string_view state, bool unicode) {
  if (state == "completed") return unicode ? "✓" : "+";
  if (state == "running" || state == "in_progress") return unicode ? "●" : ">";
  if (state == "failed" || state == "quarantined") return unicode ? "✗" : "x";
  if (state == "cancelled") return unicode ? "⊘" : "-";
  if (state == "skipped") return unicode ? "–" : "-";
  return unicode ? "·" : ".";
}

ExitCode exit_code_of_state(std::string_view state) {
  if (state == "completed") return ExitCode::ok;
  if (state == "cancelled") return ExitCode::job_cancelled;
  if (state == "failed" || state == "quarantined") return ExitCode::job_failed;
  return ExitCode::refused;
}

}  // namespace vivid::ctl
