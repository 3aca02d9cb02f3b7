#include "daemon/vividctl/dates.h"

#include <CLI/CLI.hpp>

#include "daemon/vividctl/format.h"

namespace vivid::ctl {
namespace {

std::optional<WallTime> midnight_of(std::string_view date) {
  return date.size() == 10 ? parse_iso8601(std::string(date) + "T00:00:00Z") : std::nullopt;
}

}  // namespace

bool is_date(std::string_view text) { return midnight_of(text).has_value(); }

bool is_month(std::string_view text) { return text.size() == 7 && is_date(std::string(text) + "-01"); }

std::string date_text(WallTime time) { return to_iso8601(time).substr(0, 10); }

std::string days_before(std::string_view date, int days) {
  return date_text(midnight_of(date).value_or(WallTime()) - std::chrono::hours(24) * days);
}

CLI::Validator date_option() {
  return {[](std::string& text) -> std::string {
            return is_date(text) ? "" : "'" + text + "' is no date; write such as 2026-11-20";
          },
          "", "date"};
}

CLI::Validator month_option() {
  return {[](std::string& text) -> std::string {
            return is_month(text) ? "" : "'" + text + "' is no month; write such as 2026-11";
          },
          "", "month"};
}

}  // namespace vivid::ctl
