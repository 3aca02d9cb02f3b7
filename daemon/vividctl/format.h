// Values as operators read them: short ids, ages, seconds, counts, and the marks and colours of states.
//
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "daemon/vividctl/exit_code.h"
#include "daemon/vividctl/terminal.h"

namespace vivid::ctl {

// The first 8 characters: enough to name a job among thousands.
constexpr std::size_t kShortIdLength = 8;
std::string short_id(std::string_view job, std::size_t length = kShortIdLength);
// How long beginnings of these ids must be to tell them apart: at least 8.
std::size_t distinct_length(std::vector<std::string> jobs);
// What to_iso8601 writes, with up to nine digits of fraction; UTC only, as "Z" or "+00:00".
std::optional<WallTime> parse_iso8601(std::string_view text);
// "12s ago", "in 3m", "now"; the text itself when it is no time, "-" when empty.
std::string relative_time(std::string_view iso8601, WallTime now);
// "2026-11-20 21:03:02 UTC (3m ago)"
std::string absolute_time(std::string_view iso8601, WallTime now);
// From the first to the second, or to `now` while there is no second; "-" before it began.
std::string elapsed(std::string_view from_iso8601, std::string_view to_iso8601, WallTime now);
// "850ms", "12.4s", "3m05s"
std::string seconds_text(double seconds);
// One unit: "12s", "3m", "2h", "5d"
std::string coarse_seconds(double seconds);
// "1,234,567"
std::string count_text(std::int64_t count);
std::string size_text(std::int64_t bytes);

bool is_final_state(std::string_view state);
// Of jobs and of stages.
Tone tone_of_state(std::string_view state);
std::string_view mark_of_state(std::string_view state, bool unicode);
// How `wait` ends for a job in this final state.
ExitCode exit_code_of_state(std::string_view state);

}  // namespace vivid::ctl
