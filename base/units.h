// Durations and sizes as people write them: "90s", "1m30s", "250ms", "2h"; "64KiB", "1.5GB", "4096".
//
// Threads: pure functions. Errors: invalid_input, naming the text and what is allowed.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace vivid {

// Units ms, s, m, h, d, largest first when several; a bare number is refused, since its unit would be a guess. "0" is
// 0.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);
// Units B, kB, MB, GB, TB (powers of 1000) and KiB, MiB, GiB, TiB (powers of 1024); a bare number is bytes.
Result<std::uint64_t> parse_size(std::string_view text);

// "1h02m", "1m30s", "2.5s", "250ms": for people; parse_duration reads it back but for rounding below a millisecond.
std::string format_duration(std::chrono::milliseconds duration);
// "1.5 GiB"
std::string format_size(std::uint64_t bytes);

}  // namespace vivid
