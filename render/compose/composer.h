// Frames: storyboard and narration become pictures, one for each tick of a constant frame rate.
//
// Threads: a Composer belongs to one thread; fork() makes one for another. Memory: a few frames, whatever the length of
// the video. Units: 4:2:0, 8 bit, BT.709, limited range; chroma sited left (MPEG-2), as H.264 players assume.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "render/compose/region.h"
#include "render/compose/studio.h"
#include "render/protocol/options.h"
#include "render/speech/narration.h"
#include "render/storyboard/storyboard.h"

namespace vivid::render {

// Planes owned by the composer, valid until its next call.
struct YuvView {
  const std::uint8_t* planes[3] = {};
  int strides_bytes[3] = {};
  int width_px = 0;
  int height_px = 0;
};

inline constexpr int kWholeNextShare = 1 << 14;

struct ComposedFrame {
  YuvView picture;
  // The picture is the one of the frame before: an encoder may be told so.
  bool held = false;
  // The picture is one step of a transition: seen for a moment, between two that matter more.
  bool passing = false;
  // Outside of these parts the picture is the one of the frame before; the whole of it where frames were left out, or
  // where there are none.
  Region damage{};
  // Where the picture is a mixture of the last one that was no step of a transition and the next such one, up to
  // rounding: how much of it is the next one, in 1/kWholeNextShare, which is all of it: the transition's end, reached
  // early. 0: it is none.
  int next_share = 0;
};

// How many pixels were worked on, each as often as that was done.
struct PixelWork {
  std::int64_t copied = 0;   // from a picture into another
  std::int64_t blended = 0;  // a layer over what is there, or two pictures into one
  std::int64_t filmed = 0;   // seen by a camera
};

// What a frame is, known before anything is drawn.
struct FrameMark {
  bool held = false;     // the frame before, once more
  bool passing = false;  // one step of a transition
  bool mixed = false;    // a mixture of two others: see ComposedFrame
};

// A scene's first frame and how many there are: chapters, thumbnails.
struct SceneFrames {
  std::int64_t first = 0;
  std::int64_t count = 0;
  std::string title;
};

class Composer {
 public:
  // Lays every scene out once to find its pages (and what cannot be shown: warnings()); pictures come later, one scene
  // at a time. The composer keeps its own copies. It draws in `studio`, which may be null, in this machine's memory.
  static Result<std::unique_ptr<Composer>> create(const Storyboard& storyboard, const Narration& narration,
                                                  const RenderOptions& options,
                                                  std::unique_ptr<Studio> studio = nullptr);
  virtual ~Composer() = default;

  virtual std::int64_t frame_count() const = 0;
  virtual const std::vector<SceneFrames>& scenes() const = 0;
  virtual const std::vector<std::string>& warnings() const = 0;
  virtual FrameMark mark(std::int64_t index) const = 0;
  // Of what the frames [first, end) show, wherever in the video they are, and of who draws them: see frame_digest.h.
  virtual Result<std::string> digest(std::int64_t first, std::int64_t end) = 0;
  // Frames are asked for in order, 0 … frame_count() - 1; going back restarts.
  virtual Result<ComposedFrame> frame(std::int64_t index) = 0;
  // Since the beginning.
  virtual const PixelWork& work() const = 0;
  // Another reader of the same frames, which may be used on another thread, and for longer. What is drawn is shared.
  virtual std::unique_ptr<Composer> fork() const = 0;
  // The frame that stands for a scene: its last page, fully shown, as PNG.
  virtual Status write_scene_still(int scene, const std::filesystem::path& png) = 0;
};

}  // namespace vivid::render
