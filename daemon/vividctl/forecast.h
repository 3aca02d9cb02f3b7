// What a year of requests would cost, and what answering a share of them with text alone would save.
//
// Threads: pure functions. Errors: none; the bounds below keep every sum exact.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/vividctl/money.h"

namespace vivid::ctl {

inline constexpr std::int64_t kMaxRequestsPerDay = 1'000'000'000;
inline constexpr int kMaxForecastDays = 36'500;
inline constexpr std::int64_t kWholeShare = 1'000'000;

// "0.3" or "30%": in millionths.
std::optional<std::int64_t> parse_share(std::string_view text);
// "30%", "33.3333%"
std::string share_text(std::int64_t share);

struct Forecast {
  std::int64_t requests_per_day = 0;
  int days = 365;
  MicroUsd text_cost = 17'000;
  MicroUsd video_cost = 200'000;
};

// As decimal text of dollars, rounded half up to a millionth.
struct ForecastRow {
  std::string usd_a_day;
  std::string usd;
  std::string saved_usd;  // against all video; negative when text costs more
};
ForecastRow reckon(const Forecast& forecast, std::int64_t text_share);

}  // namespace vivid::ctl
