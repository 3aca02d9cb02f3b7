// When what is seen: a pure function of the layout and of when things are said, known before a pixel is drawn.
//
// The video is a row of shots, one for each page that is shown. A shot has a base that fills the frame and layers upon
// it, whose place, size, opacity and drawing, as the camera over the base, follow keyframes; a transition leads into it
// from the shot before. From these follow the frames that repeat the one before, and where the others differ from it.
//
// Threads: immutable once made. Units: frames at a constant rate, times from the start of the narration, output pixels.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "render/compose/frame_rate.h"
#include "render/compose/keyframes.h"
#include "render/compose/region.h"
#include "render/compose/transition.h"
#include "render/layout/page.h"
#include "render/layout/painter.h"
#include "render/speech/narration.h"
#include "render/storyboard/storyboard.h"

namespace vivid::render {

// What a timeline must know of the pictures. Equal identities are equal pixels.
struct StageLayer {
  PixelRect bounds;  // nothing of it lies outside
  int step = 0;      // of its page
  int annotation = -1;
  bool draws_on = false;
  std::string identity;
  Entrance entrance = Entrance::none;
  int rise_px = 0;          // how far below its place one that rises begins
  bool rests = false;       // steps back when what comes after it is spoken of
  double drawn_from = 0.0;  // how much of one that draws on is there when its scene comes in
};
struct StagePage {
  std::vector<Step> steps;  // at least one
  std::string base;         // identity
  std::vector<StageLayer> layers;
};
struct StageScene {
  std::vector<StagePage> pages;
  bool moves = false;  // a camera moves over the base, as the scene says
  bool rtl = false;
  double resting_opacity = 1.0;  // of what has stepped back
};

// What a layer looks like in one frame, in the steps in which it can differ.
struct LayerState {
  int opacity = 0;  // 0 … kernels::kWhole
  int drawn = 0;    // 0 … kDrawnWhole
  int scale = 0;    // 0 … kScaleWhole
  int x = 0;        // away from its own place
  int y = 0;
  bool shown() const { return opacity > 0 && drawn > 0; }
  bool operator==(const LayerState&) const = default;
};
inline constexpr int kDrawnWhole = 1024;
inline constexpr int kScaleWhole = 1024;

// Where a layer lies in a frame: as it lies at rest, times the scale, plus (x, y). Chroma has a sample for two pixels:
// so the bounds are even, whatever the place.
struct LayerPlace {
  PixelRect bounds;  // nothing of it lies outside
  double scale = 1.0;
  double x = 0.0;
  double y = 0.0;
  // Its pixels are those at rest, at other bounds.
  bool is_rest() const { return scale == 1.0 && static_cast<int>(x) % 2 == 0 && static_cast<int>(y) % 2 == 0; }
};

struct TimedLayer {
  StageLayer stage;
  Track opacity{1.0};
  Track drawn{1.0};
  Track scale{1.0};  // around its middle
  Track x{0.0};      // output pixels away from its own place
  Track y{0.0};

  LayerPlace place(const LayerState& state) const;
  LayerState at(std::int64_t frame) const;
  bool changes_within(std::int64_t first, std::int64_t last) const;
};

struct CameraMove {
  Track zoom{1.0};
  Track shift{0.5};
  CameraPose at(std::int64_t frame) const { return {zoom.at(frame), shift.at(frame)}; }
};

struct Shot {
  int scene = 0;
  int page = 0;
  std::int64_t first = 0;
  std::int64_t count = 0;
  Blend blend = Blend::none;      // from the shot before
  std::int64_t blend_frames = 0;  // how many of `count`, never all, still show some of it
  bool rtl = false;
  std::string base;
  std::optional<CameraMove> camera;
  std::vector<TimedLayer> layers;  // of the page, in its order

  std::int64_t end() const { return first + count; }
  BlendState blend_at(std::int64_t frame, int width_px) const;
};

struct FrameChange {
  Region damage;         // outside of it the frame is the one before; empty: held
  bool passing = false;  // a step of a transition
};

class Timeline {
 public:
  // Shots follow one another without gaps from frame 0.
  Timeline(std::vector<Shot> shots, int width_px, int height_px);

  int width() const { return width_; }
  int height() const { return height_; }
  std::int64_t frame_count() const { return shots_.empty() ? 0 : shots_.back().end(); }
  const std::vector<Shot>& shots() const { return shots_; }
  std::size_t shot_at(std::int64_t frame) const;

  FrameChange change(std::int64_t frame) const;
  // Where a shot's own picture differs from what it was a frame before.
  Region shot_damage(std::size_t shot, std::int64_t frame) const;
  // Where a shot's picture may differ from that of the shot before while one leads to the other.
  const Region& difference(std::size_t shot) const { return differences_[shot]; }

 private:
  PixelRect frame() const { return {0, 0, width_, height_}; }
  Region find_difference(const Shot& from, const Shot& into) const;

  std::vector<Shot> shots_;
  std::vector<Region> differences_;
  int width_;
  int height_;
};

// A scene shorter than a frame has no shot. The last frame is the one that the narration ends in.
std::vector<Shot> make_shots(const Storyboard& storyboard, const std::vector<StageScene>& scenes,
                             const Narration& narration, FrameRate rate);

}  // namespace vivid::render
