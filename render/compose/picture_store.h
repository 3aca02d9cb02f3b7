// What shots are made of, drawn once for everybody who composes the same video: bases, the sources of cameras, layers.
//
// Each comes with a digest of its pixels, so that what was made of them can be known again, by another process too.
//
// Threads: any; one at a time draws. Memory: what somebody holds, and a bounded number of bytes that were used last;
// a digest for everything that was ever asked for.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/error.h"
#include "render/compose/camera.h"
#include "render/compose/pixels.h"
#include "render/compose/scene_painter.h"
#include "render/compose/timeline.h"

namespace vivid::render {

class PictureStore {
 public:
  explicit PictureStore(std::unique_ptr<ScenePainter> painter) : painter_(std::move(painter)) {}

  // What does not draw.
  const ScenePainter& scenes() const { return *painter_; }

  // `identity` is the one that the timeline has for it.
  Result<std::shared_ptr<const YuvFrame>> base(int scene, int page, const std::string& identity);
  Result<std::shared_ptr<const CameraSource>> camera_source(int scene, int page, const std::string& identity);
  Result<std::shared_ptr<const LayerPixels>> layer(int scene, int page, std::size_t layer, const std::string& identity);
  // While it is drawn as if by hand or moves: not kept.
  Result<std::shared_ptr<const LayerPixels>> drawn_layer(int scene, int page, std::size_t layer, double drawn,
                                                         const LayerPlace& place);

  // Digests of the pixels of each of these.
  Result<std::string> base_digest(int scene, int page, const std::string& identity);
  Result<std::string> camera_source_digest(int scene, int page, const std::string& identity);
  Result<std::string> layer_digest(int scene, int page, std::size_t layer, const std::string& identity);

  Status write_still(int scene, const std::filesystem::path& png);

 private:
  struct Recent {
    std::shared_ptr<const void> pixels;
    std::size_t bytes = 0;
  };
  template <typename Pixels>
  struct Known {
    std::map<std::string, std::weak_ptr<const Pixels>> pixels;
    std::map<std::string, std::string> digests;
  };

  template <typename Pixels, typename Draw>
  Result<std::shared_ptr<const Pixels>> find(Known<Pixels>& known, const std::string& identity, Draw&& draw);
  template <typename Pixels, typename Draw>
  Result<std::string> find_digest(Known<Pixels>& known, const std::string& identity, Draw&& draw);
  void keep(std::shared_ptr<const void> pixels, std::size_t bytes);

  std::mutex mutex_;
  std::unique_ptr<ScenePainter> painter_;
  Known<YuvFrame> bases_;
  Known<CameraSource> sources_;
  Known<LayerPixels> layers_;
  std::deque<Recent> recent_;
  std::size_t recent_bytes_ = 0;
};

}  // namespace vivid::render
