#include "daemon/vividctl/forecast.h"

#include <algorithm>

namespace vivid::ctl {
namespace {

// A billion requests a day for a century at a million dollars each, in millionths of a millionth: 117 bits.
__extension__ using Wide = __int128;

std::string digits_of(Wide value) {
  std::string digits;
  do {
    digits += static_cast<char>('0' + static_cast<int>(value % 10));
    value /= 10;
  } while (value > 0);
  std::reverse(digits.begin(), digits.end());
  return digits;
}

// Of millionths of millionths of a dollar.
std::string dollars(Wide amount) {
  const bool negative = amount < 0;
  if (negative) amount = -amount;
  const Wide micro = (amount + kWholeShare / 2) / kWholeShare;
  const auto fraction = static_cast<MicroUsd>(micro % 1'000'000);
  const std::string part = decimal_text(fraction).substr(1);
  return (negative && micro > 0 ? "-" : "") + digits_of(micro / 1'000'000) + part;
}

Wide a_day(const Forecast& forecast, std::int64_t text_share) {
  const Wide mixed = static_cast<Wide>(text_share) * forecast.text_cost +
                     static_cast<Wide>(kWholeShare - text_share) * forecast.video_cost;
  return mixed * forecast.requests_per_day;
}

}  // namespace

std::optional<std::int64_t> parse_share(std::string_view text) {
  const bool percent = text.ends_with('%');
  if (percent) text.remove_suffix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  if (text.starts_with('$')) return std::nullopt;
  std::optional<std::int64_t> share = parse_usd(text);
  if (!share) return std::nullopt;
  if (percent) {
    // What is finer than a millionth is no share of anything countable.
    if (*share % 100 != 0) return std::nullopt;
    *share /= 100;
  }
  return *share <= kWholeShare ? share : std::nullopt;
}

std::string share_text(std::int64_t share) { return decimal_text(share * 100) + "%"; }

ForecastRow reckon(const Forecast& forecast, std::int64_t text_share) {
  const Wide day = a_day(forecast, text_share);
  const Wide all_video = a_day(forecast, 0);
  return {dollars(day), dollars(day * forecast.days), dollars((all_video - day) * forecast.days)};
}

}  // namespace vivid::ctl
