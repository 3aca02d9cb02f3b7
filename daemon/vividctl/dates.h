// Days and months of the calendar, as text: "2026-11-20", "2026-11". UTC.
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"

namespace CLI {
class Validator;
}

namespace vivid::ctl {

bool is_date(std::string_view text);
bool is_month(std::string_view text);
std::string date_text(WallTime time);
// Of a text that is a date.
std::string days_before(std::string_view date, int days);

CLI::Validator date_option();
CLI::Validator month_option();

}  // namespace vivid::ctl
