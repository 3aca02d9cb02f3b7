#include "render/compose/keyframes.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace vivid::render {

double eased(double t, Easing easing) {
  switch (easing) {
    case Easing::gentle:
      return t * t * (3.0 - 2.0 * t);
    case Easing::settle:
      return 1.0 - (1.0 - t) * (1.0 - t) * (1.0 - t);
    case Easing::linear:
      break;
  }
  return t;
}

Track::Track(std::vector<Key> keys) : keys_(std::move(keys)) { VIVID_CHECK(!keys_.empty()); }

double Track::at(std::int64_t frame) const {
  const auto after = std::upper_bound(keys_.begin(), keys_.end(), frame,
                                      [](std::int64_t value, const Key& key) { return value < key.frame; });
  if (after == keys_.begin()) return keys_.front().value;
  const Key& from = *(after - 1);
  if (after == keys_.end()) return from.value;
  const double t = static_cast<double>(frame - from.frame) / static_cast<double>(after->frame - from.frame);
  return from.value + (after->value - from.value) * eased(t, from.easing);
}

bool Track::changes_within(std::int64_t first, std::int64_t last) const {
  for (std::size_t i = 1; i < keys_.size(); ++i) {
    const bool apart = keys_[i].frame <= first || keys_[i - 1].frame >= last;
    if (!apart && keys_[i].value != keys_[i - 1].value) return true;
  }
  return false;
}

}  // namespace vivid::render
