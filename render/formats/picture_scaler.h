// Pictures at another size, and in other colours where what they become has its own.
//
// Threads: one scaler, one thread. Memory: one picture. Ownership: what scale() gives is the scaler's, valid until its
// next call. Units: 4:2:0, 8 bit.
#pragma once

#include <memory>
#include <vector>

#include "base/error.h"
#include "render/compose/composer.h"

namespace vivid::render {

struct PictureSize {
  int width_px = 0;
  int height_px = 0;
  friend bool operator==(const PictureSize&, const PictureSize&) = default;
};
// As high as `height_px`, in the shape of `of`; both sides even.
PictureSize size_of_height(const PictureSize& of, int height_px);

enum class PictureColors {
  video,  // BT.709, limited range, chroma sited left
  jpeg,   // JFIF: BT.601, full range, chroma in the middle
};

class PictureScaler {
 public:
  // From pictures as they are composed, in the colours of video.
  static Result<std::unique_ptr<PictureScaler>> create(const PictureSize& from, const PictureSize& to,
                                                       PictureColors colors);
  ~PictureScaler();

  Result<YuvView> scale(const YuvView& picture);

 private:
  struct State;
  explicit PictureScaler(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace vivid::render
