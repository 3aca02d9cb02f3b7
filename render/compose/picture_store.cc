#include "render/compose/picture_store.h"

#include <span>
#include <utility>

#include "base/digest.h"

namespace vivid::render {
namespace {

// Enough for what a few scenes show, so that nothing is drawn twice: once for its digest, once to be seen.
constexpr std::size_t kRecentBytes = std::size_t{24} << 20;

std::size_t size_of(const YuvFrame& frame) { return frame.bytes().size(); }

std::size_t size_of(const CameraSource& source) { return source.size_bytes(); }

std::size_t size_of(const LayerPixels& layer) {
  std::size_t samples = 0;
  for (const auto& plane : layer.colors) samples += plane.size();
  for (const auto& plane : layer.alphas) samples += plane.size();
  return samples * sizeof(std::int16_t);
}

void add_side(int side, Sha256& digest) { digest.update(std::as_bytes(std::span(&side, 1))); }

std::string digest_of(const YuvFrame& frame) {
  Sha256 digest;
  add_side(frame.width(), digest);
  add_side(frame.height(), digest);
  digest.update(std::as_bytes(std::span(frame.bytes())));
  return digest.finish_hex();
}

std::string digest_of(const CameraSource& source) {
  Sha256 digest;
  add_side(source.width(), digest);
  add_side(source.height(), digest);
  for (int plane = 0; plane < 3; ++plane) digest.update(std::as_bytes(source.samples(plane)));
  return digest.finish_hex();
}

std::string digest_of(const LayerPixels& layer) {
  Sha256 digest;
  add_side(layer.width, digest);
  add_side(layer.height, digest);
  for (const auto& plane : layer.colors) digest.update(std::as_bytes(std::span(plane)));
  for (const auto& plane : layer.alphas) digest.update(std::as_bytes(std::span(plane)));
  return digest.finish_hex();
}

}  // namespace

void PictureStore::keep(std::shared_ptr<const void> pixels, std::size_t bytes) {
  recent_.push_back({std::move(pixels), bytes});
  recent_bytes_ += bytes;
  while (recent_bytes_ > kRecentBytes) {
    recent_bytes_ -= recent_.front().bytes;
    recent_.pop_front();
  }
}

template <typename Pixels, typename Draw>
Result<std::shared_ptr<const Pixels>> PictureStore::find(Known<Pixels>& known, const std::string& identity,
                                                         Draw&& draw) {
  std::weak_ptr<const Pixels>& place = known.pixels[identity];
  if (auto there = place.lock()) return there;
  VIVID_ASSIGN(Pixels drawn, draw());
  auto pixels = std::make_shared<const Pixels>(std::move(drawn));
  place = pixels;
  keep(pixels, size_of(*pixels));
  return pixels;
}

template <typename Pixels, typename Draw>
Result<std::string> PictureStore::find_digest(Known<Pixels>& known, const std::string& identity, Draw&& draw) {
  const auto there = known.digests.find(identity);
  if (there != known.digests.end()) return there->second;
  VIVID_ASSIGN(const auto pixels, find(known, identity, std::forward<Draw>(draw)));
  return known.digests.emplace(identity, digest_of(*pixels)).first->second;
}

Result<std::shared_ptr<const YuvFrame>> PictureStore::base(int scene, int page, const std::string& identity) {
  const std::lock_guard lock(mutex_);
  return find(bases_, identity, [&] { return painter_->paint_base(scene, page); });
}

Result<std::shared_ptr<const CameraSource>> PictureStore::camera_source(int scene, int page,
                                                                        const std::string& identity) {
  const std::lock_guard lock(mutex_);
  return find(sources_, identity, [&] { return painter_->paint_camera_source(scene, page); });
}

Result<std::shared_ptr<const LayerPixels>> PictureStore::layer(int scene, int page, std::size_t layer,
                                                               const std::string& identity) {
  const std::lock_guard lock(mutex_);
  return find(layers_, identity, [&] { return painter_->paint_layer(scene, page, layer); });
}

Result<std::shared_ptr<const LayerPixels>> PictureStore::drawn_layer(int scene, int page, std::size_t layer,
                                                                     double drawn, const LayerPlace& place) {
  const std::lock_guard lock(mutex_);
  VIVID_ASSIGN(LayerPixels pixels, painter_->paint_layer(scene, page, layer, drawn, place));
  return std::make_shared<const LayerPixels>(std::move(pixels));
}

Result<std::string> PictureStore::base_digest(int scene, int page, const std::string& identity) {
  const std::lock_guard lock(mutex_);
  return find_digest(bases_, identity, [&] { return painter_->paint_base(scene, page); });
}

Result<std::string> PictureStore::camera_source_digest(int scene, int page, const std::string& identity) {
  const std::lock_guard lock(mutex_);
  return find_digest(sources_, identity, [&] { return painter_->paint_camera_source(scene, page); });
}

Result<std::string> PictureStore::layer_digest(int scene, int page, std::size_t layer, const std::string& identity) {
  const std::lock_guard lock(mutex_);
  return find_digest(layers_, identity, [&] { return painter_->paint_layer(scene, page, layer); });
}

Status PictureStore::write_still(int scene, const std::filesystem::path& png) {
  const std::lock_guard lock(mutex_);
  return painter_->write_still(scene, png);
}

}  // namespace vivid::render
