#include "render/compose/transition.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "render/compose/kernels.h"
#include "render/compose/pixels.h"
#include "render/compose/sample_math.h"

namespace vivid::render {
namespace {

constexpr int kWeight = 256;
constexpr std::uint8_t kBlack[3] = {16, 128, 128};

int even(double value) { return static_cast<int>(std::lround(value / 2)) * 2; }

void slide_row(const std::uint8_t* from, const std::uint8_t* into, int width, int entered, bool from_left,
               const PlaneRect& part, std::uint8_t* to) {
  // The frame is a window over both pictures side by side.
  const int seam = from_left ? entered : width - entered;
  const std::uint8_t* left = from_left ? into + (width - entered) : from + entered;
  const std::uint8_t* right = from_left ? from : into;
  const int split = std::clamp(seam, part.x, part.x + part.width);
  std::memcpy(to + part.x, left + part.x, static_cast<std::size_t>(split - part.x));
  std::memcpy(to + split, right + (split - seam), static_cast<std::size_t>(part.x + part.width - split));
}

// One plane of a blend: the state's place as this plane has it.
class PlaneBlend {
 public:
  PlaneBlend(const BlendState& state, int plane, int width, const PlaneRect& part)
      : state_(state), part_(part), width_(width), place_(plane == 0 ? state.place : state.place / 2) {
    if (state.blend == Blend::dissolve) black_.assign(static_cast<std::size_t>(part.width), kBlack[plane]);
    if (state.blend != Blend::wipe) return;
    const int step = plane == 0 ? 1 : 2;
    const int luma_width = width * step;
    for (int x = part.x; x < part.x + part.width; ++x) {
      const int luma_x = x * step;
      const int run = state.from_left ? luma_x : luma_width - 1 - luma_x;
      weights_.push_back(static_cast<std::uint16_t>(samples::wipe_weight(run, state.place, wipe_softness(luma_width))));
    }
  }

  void row(const std::uint8_t* from, const std::uint8_t* into, std::uint8_t* to) const {
    const auto count = static_cast<std::size_t>(part_.width);
    const std::uint8_t* old_part = from + part_.x;
    const std::uint8_t* new_part = into + part_.x;
    switch (state_.blend) {
      case Blend::none:
        std::memcpy(to + part_.x, new_part, count);
        break;
      case Blend::fade:
        kernels::mix(old_part, new_part, state_.place, to + part_.x, count);
        break;
      case Blend::slide:
        slide_row(from, into, width_, place_, state_.from_left, part_, to);
        break;
      case Blend::wipe:
        kernels::mix_by(old_part, new_part, weights_.data(), to + part_.x, count);
        break;
      case Blend::dissolve:
        if (state_.place <= kWeight) {
          kernels::mix(old_part, black_.data(), state_.place, to + part_.x, count);
        } else {
          kernels::mix(black_.data(), new_part, state_.place - kWeight, to + part_.x, count);
        }
        break;
    }
  }

 private:
  const BlendState& state_;
  PlaneRect part_;
  int width_;
  int place_;
  std::vector<std::uint16_t> weights_;
  std::vector<std::uint8_t> black_;
};

}  // namespace

int wipe_softness(int width_px) { return std::max(2, width_px / 16 * 2); }

Blend blend_of(Transition transition) {
  switch (transition) {
    case Transition::cut:
      return Blend::none;
    case Transition::slide:
      return Blend::slide;
    case Transition::wipe:
      return Blend::wipe;
    case Transition::dissolve:
      return Blend::dissolve;
    case Transition::crossfade:
      break;
  }
  return Blend::fade;
}

BlendState blend_state(Blend blend, double t, int width_px, bool from_left) {
  BlendState state{blend, from_left, 0, 0};
  switch (blend) {
    case Blend::none:
      return state;
    case Blend::fade:
      state.whole = kWeight;
      break;
    case Blend::slide:
      state.whole = width_px;
      break;
    case Blend::wipe:
      state.whole = width_px + wipe_softness(width_px);
      break;
    case Blend::dissolve:
      state.whole = 2 * kWeight;
      break;
  }
  const bool in_pixels = blend == Blend::slide || blend == Blend::wipe;
  state.place = in_pixels ? even(t * state.whole) : static_cast<int>(std::lround(t * state.whole));
  return state;
}

Region blend_damage(const BlendState& before, const BlendState& now, const Region& difference, const PixelRect& frame) {
  if (before.place == now.place || difference.empty()) return {};
  if (now.blend == Blend::slide || now.blend == Blend::dissolve) return Region(frame);
  if (now.blend != Blend::wipe) return difference;
  // Columns behind the edge show the new picture already, those before it still the old one.
  const int first = std::clamp(std::min(before.place, now.place) - wipe_softness(frame.width) - 2, 0, frame.width);
  const int last = std::clamp(std::max(before.place, now.place) + 2, 0, frame.width);
  const int x = now.from_left ? first : frame.width - last;
  return difference.clipped({x / 2 * 2, 0, std::min(frame.width, (last - first + 3) / 2 * 2), frame.height});
}

void blend(const YuvFrame& from, const YuvFrame& into, const BlendState& state, const PixelRect& rect, YuvFrame& to) {
  for (int plane = 0; plane < 3; ++plane) {
    const PlaneRect part = plane_rect(rect, plane);
    const PlaneBlend blending(state, plane, to.plane_width(plane), part);
    for (int y = part.y; y < part.y + part.height; ++y) {
      blending.row(from.row(plane, y), into.row(plane, y), to.row(plane, y));
    }
  }
}

}  // namespace vivid::render
