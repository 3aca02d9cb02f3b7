// Which pictures the encoder is shown, as what, and which frames only repeat them.
//
// A file must offer a place to start at least every so many frames. Where a held stretch runs past such a place, the
// picture that is held is coded to stand on its own, so that its bytes can be given again in the middle of the stretch.
// A picture to which a fade leads cannot stand on its own, as the steps of the fade are made of it and of the one
// before: it is coded once more, within the time for which it is held.
//
// Threads: one planner, one thread. Units: frames of the video.
#pragma once

#include <cstdint>
#include <vector>

namespace vivid::render {

enum class SpliceVariant {
  // The encoder runs on over held stretches, and the order count in its slices is rewritten.
  continuous,
  // The encoder starts afresh after every held stretch; its slices stay as they are.
  closed,
};

enum class PictureKind {
  free,         // the encoder's choice
  referable,    // not a B picture: it is held
  independent,  // an IDR picture
};

// A picture of the video, as far as it matters here.
struct PictureTime {
  std::int64_t index = 0;  // of the first frame that shows it
  std::int64_t holds = 0;  // frames after that one that show it too
  // How many frames before it mix it with the picture before, and how many after it with the next one.
  std::int64_t mixed_before = 0;
  std::int64_t mixed_after = 0;
};

struct PlannedPicture {
  std::int64_t index = 0;  // of the first frame that shows it
  std::int64_t holds = 0;  // frames after that one that show it too
  PictureKind kind = PictureKind::free;
  // After how many frames of a held stretch its picture is given again; 0: never.
  std::int64_t repeat_every = 0;
  // Frames before it that mix it with the picture before.
  std::int64_t mixed_before = 0;

  std::int64_t begin() const { return index - mixed_before; }
  std::int64_t end() const { return index + 1 + holds; }
  // Whether frame index + `hold` (1 … holds) gives the picture again. The last hold never does: two such pictures may
  // not follow one another, and the encoder's next may be one.
  bool repeats_at(std::int64_t hold) const {
    if (repeat_every == 0 || hold >= holds) return false;
    return hold % repeat_every == 0 || (hold == holds - 1 && holds % repeat_every == 0);
  }
};

class HoldPlanner {
 public:
  // With less, a picture that is given again could follow another one.
  static constexpr std::int64_t kShortestGap = 3;

  // `longest_gap` (at least kShortestGap): how many frames may pass from one place to start to the next. `by_distance`:
  // B pictures use the distances between pictures, so that none may have a held stretch on one side of it.
  HoldPlanner(SpliceVariant variant, std::int64_t longest_gap, bool by_distance);

  // How many frames in a row may be mixed: only then there is room for places to start.
  std::int64_t longest_mix() const {
    return variant_ == SpliceVariant::closed || longest_gap_ < 6 ? 0 : longest_gap_ / 2 - 2;
  }

  // What the encoder is shown for one picture of the video: it, and where it must once more. Pictures come in the order
  // in which they are shown, the first with index 0, each where the one before ended or frames mixed of both did. After
  // one that is mixed before and not held comes none that is mixed with it.
  std::vector<PlannedPicture> plan(const PictureTime& picture);

 private:
  bool must_be_independent(const PictureTime& picture) const;
  PlannedPicture start(const PictureTime& picture);

  SpliceVariant variant_;
  std::int64_t longest_gap_;
  bool by_distance_;
  std::int64_t last_start_ = -1;  // the newest place to start; -1: none yet
  bool after_holds_ = false;
};

}  // namespace vivid::render
