#include "render/compose/timeline.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/check.h"
#include "render/compose/kernels.h"

namespace vivid::render {
namespace {

int quantised(double value, int whole) { return static_cast<int>(std::lround(std::clamp(value, 0.0, 1.0) * whole)); }

void add_bounds(const TimedLayer& layer, const LayerState& state, Region& to) {
  if (state.shown()) to.add(layer.place(state).bounds);
}

// Wherever the layer is seen in these frames.
void add_bounds(const TimedLayer& layer, std::int64_t first, std::int64_t last, Region& to) {
  if (!layer.changes_within(first, last)) {
    add_bounds(layer, layer.at(first), to);
    return;
  }
  for (std::int64_t frame = first; frame <= last; ++frame) add_bounds(layer, layer.at(frame), to);
}

// For each layer of `into` the one of `from` that it is, or -1. Both keep their order, so that what lies over what
// stays the same.
std::vector<int> matches(const std::vector<TimedLayer>& from, const std::vector<TimedLayer>& into) {
  std::vector<int> found;
  std::size_t next = 0;
  for (const TimedLayer& layer : into) {
    const auto same =
        std::find_if(from.begin() + static_cast<std::ptrdiff_t>(next), from.end(),
                     [&](const TimedLayer& other) { return other.stage.identity == layer.stage.identity; });
    found.push_back(same == from.end() ? -1 : static_cast<int>(same - from.begin()));
    if (same != from.end()) next = static_cast<std::size_t>(same - from.begin()) + 1;
  }
  return found;
}

}  // namespace

LayerState TimedLayer::at(std::int64_t frame) const {
  return {quantised(opacity.at(frame), kernels::kWhole), quantised(drawn.at(frame), kDrawnWhole),
          quantised(scale.at(frame), kScaleWhole), static_cast<int>(std::lround(x.at(frame))),
          static_cast<int>(std::lround(y.at(frame)))};
}

LayerPlace TimedLayer::place(const LayerState& state) const {
  const PixelRect& rest = stage.bounds;
  if (state.scale == kScaleWhole && state.x == 0 && state.y == 0) return {rest, 1.0, 0.0, 0.0};
  LayerPlace place;
  place.scale = static_cast<double>(state.scale) / kScaleWhole;
  place.x = (rest.x + rest.width / 2.0) * (1.0 - place.scale) + state.x;
  place.y = (rest.y + rest.height / 2.0) * (1.0 - place.scale) + state.y;
  const auto down = [](double at) { return static_cast<int>(std::floor(at)) & ~1; };
  const auto up = [](double at) { return (static_cast<int>(std::ceil(at)) + 1) & ~1; };
  const int left = down(rest.x * place.scale + place.x);
  const int top = down(rest.y * place.scale + place.y);
  place.bounds = {left, top, up(rest.right() * place.scale + place.x) - left,
                  up(rest.bottom() * place.scale + place.y) - top};
  return place;
}

bool TimedLayer::changes_within(std::int64_t first, std::int64_t last) const {
  return opacity.changes_within(first, last) || drawn.changes_within(first, last) ||
         scale.changes_within(first, last) || x.changes_within(first, last) || y.changes_within(first, last);
}

BlendState Shot::blend_at(std::int64_t frame, int width_px) const {
  const double t = static_cast<double>(frame - first + 1) / static_cast<double>(blend_frames + 1);
  return blend_state(blend, eased(std::clamp(t, 0.0, 1.0), Easing::gentle), width_px, rtl);
}

Timeline::Timeline(std::vector<Shot> shots, int width_px, int height_px)
    : shots_(std::move(shots)), width_(width_px), height_(height_px) {
  std::int64_t next = 0;
  for (const Shot& shot : shots_) {
    VIVID_CHECK(shot.first == next && shot.count > 0 && shot.blend_frames < shot.count);
    next = shot.end();
    const Shot* before = &shot == shots_.data() ? nullptr : &shot - 1;
    differences_.push_back(before == nullptr ? Region(frame()) : find_difference(*before, shot));
  }
}

std::size_t Timeline::shot_at(std::int64_t frame) const {
  const auto after = std::upper_bound(shots_.begin(), shots_.end(), frame,
                                      [](std::int64_t value, const Shot& shot) { return value < shot.first; });
  return static_cast<std::size_t>(after - shots_.begin()) - 1;
}

Region Timeline::find_difference(const Shot& from, const Shot& into) const {
  if (from.camera || into.camera || from.base != into.base) return Region(frame());
  const std::int64_t first = into.first - 1;
  const std::int64_t last = into.first + into.blend_frames;
  Region region;
  const std::vector<int> same = matches(from.layers, into.layers);
  std::vector<bool> kept(from.layers.size(), false);
  for (std::size_t i = 0; i < into.layers.size(); ++i) {
    const TimedLayer& layer = into.layers[i];
    if (same[i] >= 0) {
      const TimedLayer& old = from.layers[static_cast<std::size_t>(same[i])];
      const bool stays =
          old.at(first) == layer.at(last) && !old.changes_within(first, last) && !layer.changes_within(first, last);
      kept[static_cast<std::size_t>(same[i])] = stays;
      if (stays) continue;
    }
    add_bounds(layer, first, last, region);
  }
  for (std::size_t i = 0; i < from.layers.size(); ++i) {
    if (!kept[i]) add_bounds(from.layers[i], first, last, region);
  }
  return region.clipped(frame());
}

Region Timeline::shot_damage(std::size_t index, std::int64_t at) const {
  const Shot& shot = shots_[index];
  if (shot.camera) {
    const bool moved = shot.camera->zoom.changes_within(at - 1, at) || shot.camera->shift.changes_within(at - 1, at);
    if (moved) return Region(frame());
  }
  Region region;
  for (const TimedLayer& layer : shot.layers) {
    const LayerState now = layer.at(at);
    const LayerState before = layer.at(at - 1);
    if (now == before) continue;
    add_bounds(layer, before, region);
    add_bounds(layer, now, region);
  }
  return region.clipped(frame());
}

FrameChange Timeline::change(std::int64_t at) const {
  const std::size_t index = shot_at(at);
  const Shot& shot = shots_[index];
  FrameChange change;
  change.passing = std::any_of(shot.layers.begin(), shot.layers.end(),
                               [at](const TimedLayer& layer) { return layer.changes_within(at, at + 1); });
  if (at == 0) {
    change.damage = Region(frame());
    return change;
  }
  if (index == 0 || at > shot.first + shot.blend_frames) {
    change.damage = shot_damage(index, at);
    return change;
  }
  const BlendState now = shot.blend_at(at, width_);
  change.passing = change.passing || now.shows_old();
  if (shot.blend_frames == 0 && at == shot.first) {
    change.damage = differences_[index];
    return change;
  }
  change.damage = blend_damage(shot.blend_at(at - 1, width_), now, differences_[index], frame());
  Region own;
  if (now.shows_new() && at > shot.first) own.add(shot_damage(index, at));
  if (now.shows_old()) own.add(shot_damage(index - 1, at));
  // What slides changes elsewhere than where it was drawn.
  change.damage.add(shot.blend == Blend::slide && !own.empty() ? Region(frame()) : own);
  return change;
}

}  // namespace vivid::render
