#include "daemon/vividctl/money.h"

#include <algorithm>
#include <charconv>

#include "daemon/vividctl/text.h"

namespace vivid::ctl {
namespace {

constexpr std::size_t kMicroPlaces = 6;
constexpr std::size_t kMaxWholeDigits = 7;
constexpr MicroUsd kMicro = 1'000'000;
constexpr MicroUsd kMost = 1'000'000 * kMicro;

bool is_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

struct Decimal {
  bool negative = false;
  std::string whole;
  std::string fraction;
};

std::optional<Decimal> read_decimal(std::string_view text) {
  Decimal decimal;
  decimal.negative = text.starts_with('-');
  if (decimal.negative) text.remove_prefix(1);
  const std::size_t point = std::min(text.find('.'), text.size());
  decimal.whole = text.substr(0, point);
  if (point < text.size()) decimal.fraction = text.substr(point + 1);
  if (decimal.whole.empty() || !is_digits(decimal.whole) || !is_digits(decimal.fraction)) return std::nullopt;
  return decimal;
}

void increment(std::string& digits) {
  for (std::size_t at = digits.size(); at-- > 0;) {
    if (digits[at] != '9') {
      ++digits[at];
      return;
    }
    digits[at] = '0';
  }
  digits.insert(0, 1, '1');
}

}  // namespace

std::optional<MicroUsd> parse_usd(std::string_view text) {
  if (text.starts_with('$')) text.remove_prefix(1);
  const std::optional<Decimal> decimal = read_decimal(text);
  if (!decimal || decimal->negative || decimal->fraction.size() > kMicroPlaces) return std::nullopt;
  if (decimal->whole.size() > kMaxWholeDigits) return std::nullopt;
  const std::string digits =
      decimal->whole + decimal->fraction + std::string(kMicroPlaces - decimal->fraction.size(), '0');
  MicroUsd amount = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), amount);
  return amount <= kMost ? std::optional(amount) : std::nullopt;
}

std::string decimal_text(MicroUsd amount) {
  std::string fraction = std::to_string(amount % kMicro);
  fraction.insert(0, kMicroPlaces - fraction.size(), '0');
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return std::to_string(amount / kMicro) + (fraction.empty() ? "" : "." + fraction);
}

std::string usd_text(std::string_view text, int places) {
  const std::optional<Decimal> decimal = read_decimal(text);
  if (!decimal) return printable(text);
  const auto kept = static_cast<std::size_t>(places);
  std::string fraction = decimal->fraction;
  const bool up = fraction.size() > kept && fraction[kept] >= '5';
  fraction.resize(kept, '0');
  std::string digits = decimal->whole + fraction;
  if (up) increment(digits);
  std::string whole = digits.substr(0, digits.size() - kept);
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size() - 1));
  for (std::size_t at = whole.size(); at > 3;) {
    at -= 3;
    whole.insert(at, 1, ',');
  }
  const std::string part = digits.substr(digits.size() - kept);
  return (decimal->negative ? "-$" : "$") + whole + (part.empty() ? "" : "." + part);
}

}  // namespace vivid::ctl
