#include "daemon/vividctl/suggest.h"

#include <algorithm>
#include <cstddef>

namespace vivid::ctl {
namespace {

// Levenshtein's distance with swapped neighbours counted as one slip.
std::size_t distance_between(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_previous(b.size() + 1);
  std::vector<std::size_t> previous(b.size() + 1);
  std::vector<std::size_t> current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({changed, previous[j] + 1, current[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        current[j] = std::min(current[j], before_previous[j - 2] + 1);
      }
    }
    std::swap(before_previous, previous);
    std::swap(previous, current);
  }
  return previous[b.size()];
}

}  // namespace

std::optional<std::string> nearest_word(std::string_view typed, const std::vector<std::string>& known) {
  // Nobody mistypes a command this long, and the work grows with the square.
  constexpr std::size_t kLongest = 64;
  if (typed.size() > kLongest) return std::nullopt;
  for (const std::string& word : known) {
    if (typed.size() >= 3 && word.starts_with(typed)) return word;
  }
  std::size_t best = std::clamp<std::size_t>(typed.size() / 3, 1, 3) + 1;
  std::optional<std::string> nearest;
  for (const std::string& word : known) {
    const std::size_t distance = distance_between(typed, word);
    if (distance < best) {
      best = distance;
      nearest = word;
    }
  }
  return nearest;
}

}  // namespace vivid::ctl
