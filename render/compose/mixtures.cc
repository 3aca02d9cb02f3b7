#include "render/compose/mixtures.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <vector>

namespace vivid::render {
namespace {

// A fade that goes on for longer is looked at as it comes.
constexpr std::int64_t kLongestRun = 130;
// By how much two layers that fade together may differ.
constexpr double kAlike = 0.002;

bool differ_in_opacity_only(LayerState a, LayerState b) {
  a.opacity = b.opacity;
  return a == b;
}

bool overlaps_any(const PixelRect& rect, const std::vector<PixelRect>& others) {
  return std::any_of(others.begin(), others.end(),
                     [&rect](const PixelRect& other) { return !intersection(rect, other).empty(); });
}

// At least a little: nothing would mean that it is no mixture.
int to_share(double part) { return std::max(1, static_cast<int>(std::lround(part * kWholeNextShare))); }

}  // namespace

bool Mixtures::is_step(std::int64_t frame) const {
  const FrameChange change = timeline_.change(frame);
  return change.passing && !change.damage.empty();
}

Mixtures::Run Mixtures::find_run(std::int64_t frame) const {
  Run run{frame - 1, frame + 1};
  while (run.before > 0 && frame - run.before < kLongestRun && is_step(run.before)) --run.before;
  while (run.after < timeline_.frame_count() && run.after - frame < kLongestRun && is_step(run.after)) ++run.after;
  return run;
}

int Mixtures::next_share(std::int64_t frame) {
  if (frame <= 0 || !is_step(frame)) return 0;
  if (!run_.holds(frame)) run_ = find_run(frame);
  if (run_.after >= timeline_.frame_count() || run_.after - run_.before > kLongestRun) return 0;
  const std::size_t index = timeline_.shot_at(run_.after);
  const std::size_t first = timeline_.shot_at(run_.before);
  const Shot& shot = timeline_.shots()[index];
  if (index == first) {
    const bool blends = index > 0 && run_.before < shot.first + shot.blend_frames;
    return blends ? 0 : share_of_layers(shot, frame);
  }
  const bool is_blend = index == first + 1 && shot.blend == Blend::fade && run_.before + 1 == shot.first &&
                        run_.after == shot.first + shot.blend_frames;
  return is_blend ? share_of_blend(shot, frame) : 0;
}

bool Mixtures::stays(const Shot& shot, std::int64_t first, std::int64_t last) const {
  if (shot.camera &&
      (shot.camera->zoom.changes_within(first, last) || shot.camera->shift.changes_within(first, last))) {
    return false;
  }
  return std::none_of(shot.layers.begin(), shot.layers.end(),
                      [=](const TimedLayer& layer) { return layer.changes_within(first, last); });
}

int Mixtures::share_of_blend(const Shot& shot, std::int64_t frame) const {
  if (!stays(*(&shot - 1), run_.before, run_.after) || !stays(shot, shot.first, run_.after)) return 0;
  const BlendState state = shot.blend_at(frame, timeline_.width());
  return to_share(static_cast<double>(state.place) / state.whole);
}

int Mixtures::share_of_layers(const Shot& shot, std::int64_t frame) const {
  if (shot.camera && (shot.camera->zoom.changes_within(run_.before, run_.after) ||
                      shot.camera->shift.changes_within(run_.before, run_.after))) {
    return 0;
  }
  std::optional<double> share;
  std::vector<PixelRect> fading;
  for (const TimedLayer& layer : shot.layers) {
    if (!layer.changes_within(run_.before, run_.after)) continue;
    const LayerState before = layer.at(run_.before);
    const LayerState now = layer.at(frame);
    const LayerState after = layer.at(run_.after);
    if (!differ_in_opacity_only(before, now) || !differ_in_opacity_only(before, after)) return 0;
    if (before.opacity == after.opacity) return 0;
    const double part = static_cast<double>(now.opacity - before.opacity) / (after.opacity - before.opacity);
    if (share && std::abs(part - *share) > kAlike) return 0;
    // What lies over something else that fades is mixed with it twice.
    if (overlaps_any(layer.stage.bounds, fading)) return 0;
    fading.push_back(layer.stage.bounds);
    share = part;
  }
  return share && *share >= 0.0 && *share <= 1.0 ? to_share(*share) : 0;
}

}  // namespace vivid::render
