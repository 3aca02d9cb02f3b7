// Dollars, exactly: whole millionths to reckon with, decimal text to show what the database has summed. No
// floating point.
//
// Threads: pure functions. Units: a MicroUsd is a millionth of a dollar.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vivid::ctl {

using MicroUsd = std::int64_t;

// "0.017", "20", "$0.20": at most six places, not negative, at most a million dollars.
std::optional<MicroUsd> parse_usd(std::string_view text);
// "0.017"
std::string decimal_text(MicroUsd amount);
// "$1,234.5678" of "1234.56784": rounded half up to `places`. The text itself if it is no decimal number.
std::string usd_text(std::string_view decimal, int places);

}  // namespace vivid::ctl
