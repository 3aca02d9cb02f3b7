// Which pictures the encoder is shown, as what, and which frames only repeat them.
//
// A file must offer a place to start at least every so many frames. Where a held stretch runs past such a place, the
// picture that is held is coded to stand on its own, so that its bytes can be given again in the middle of the stretch.
//
// Threads: one planner, one thread. Units: frames of the video.
#pragma once

#include <cstdint>

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

struct PlannedPicture {
  std::int64_t index = 0;  // of the first frame that shows it
  std::int64_t holds = 0;  // frames after that one that show it too
  PictureKind kind = PictureKind::free;
  // After how many frames of a held stretch its picture is given again; 0: never.
  std::int64_t repeat_every = 0;

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

  // Pictures come in the order in which they are shown, the first with index 0, each where the one before ended.
  PlannedPicture plan(std::int64_t index, std::int64_t holds);

 private:
  bool must_be_independent(const PlannedPicture& picture) const;

  SpliceVariant variant_;
  std::int64_t longest_gap_;
  bool by_distance_;
  std::int64_t last_start_ = -1;  // the newest place to start; -1: none yet
  bool after_holds_ = false;
};

}  // namespace vivid::render
