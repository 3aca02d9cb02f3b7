#include "render/compose/shot_picture.h"

#include <algorithm>
#include <utility>

namespace vivid::render {
namespace {

// The same pixels do for both, at bounds of their own: whole chroma samples apart, nothing need be drawn anew.
bool looks_alike(const LayerState& one, const LayerState& other) {
  const bool apart = one.scale != kScaleWhole ? (one.x != other.x || one.y != other.y)
                                              : ((one.x ^ other.x) & 1) != 0 || ((one.y ^ other.y) & 1) != 0;
  return one.drawn == other.drawn && one.scale == other.scale && !apart;
}

}  // namespace

ShotPicture::ShotPicture(PictureStore& store, const Timeline& timeline, std::size_t shot, PixelWork& work)
    : store_(store), timeline_(timeline), shot_(shot), work_(work), layers_(timeline.shots()[shot].layers.size()) {}

Result<std::unique_ptr<ShotPicture>> ShotPicture::create(PictureStore& store, Studio& studio, const Timeline& timeline,
                                                         std::size_t shot, std::int64_t frame,
                                                         const ShotPicture* neighbour, PixelWork& work) {
  std::unique_ptr<ShotPicture> made(new ShotPicture(store, timeline, shot, work));
  VIVID_ASSIGN(made->picture_, studio.make_canvas(timeline.width(), timeline.height()));
  VIVID_TRY(made->load_base(neighbour));
  // What the neighbour has in common with this shot is there already.
  const bool follows = neighbour != nullptr && neighbour->shot_ + 1 == shot && made->base_ != nullptr &&
                       made->base_ == neighbour->base_ && frame == made->shot().first;
  if (follows) {
    VIVID_TRY(made->picture_->copy(*neighbour->picture_));
    work.copied += made->bounds().area();
  }
  if (neighbour != nullptr) {
    for (std::size_t i = 0; i < made->layers_.size(); ++i) {
      const std::vector<TimedLayer>& known = neighbour->shot().layers;
      const auto same = std::find_if(known.begin(), known.end(), [&](const TimedLayer& layer) {
        return layer.stage.identity == made->shot().layers[i].stage.identity;
      });
      if (same != known.end()) made->layers_[i] = neighbour->layers_[static_cast<std::size_t>(same - known.begin())];
    }
  }
  const Region all(made->bounds());
  VIVID_TRY(made->draw(frame, follows ? timeline.difference(shot) : all));
  return made;
}

Status ShotPicture::load_base(const ShotPicture* neighbour) {
  const bool same = neighbour != nullptr && neighbour->shot().base == shot().base;
  if (shot().camera) {
    if (same) source_ = neighbour->source_;
    if (source_) return {};
    VIVID_ASSIGN(source_, store_.camera_source(shot().scene, shot().page, shot().base));
    return {};
  }
  if (same) base_ = neighbour->base_;
  if (base_) return {};
  VIVID_ASSIGN(base_, store_.base(shot().scene, shot().page, shot().base));
  return {};
}

Status ShotPicture::load_layers(std::int64_t frame) {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const LayerState state = shot().layers[i].at(frame);
    Layer& layer = layers_[i];
    if (!state.shown() || (layer.pixels && looks_alike(layer.look, state))) continue;
    const LayerPlace place = shot().layers[i].place(state);
    if (state.drawn == kDrawnWhole && place.is_rest()) {
      VIVID_ASSIGN(layer.pixels, store_.layer(shot().scene, shot().page, i, shot().layers[i].stage.identity));
    } else {
      const double drawn = static_cast<double>(state.drawn) / kDrawnWhole;
      VIVID_ASSIGN(layer.pixels, store_.drawn_layer(shot().scene, shot().page, i, drawn, place));
    }
    layer.look = state;
  }
  return {};
}

Status ShotPicture::advance_to(std::int64_t frame) {
  const Region region = timeline_.shot_damage(shot_, frame);
  return region.empty() ? Status{} : draw(frame, region);
}

Status ShotPicture::draw(std::int64_t frame, const Region& region) {
  VIVID_TRY(load_layers(frame));
  if (source_) {
    const CameraView view =
        camera_view(shot().camera->at(frame), bounds().width, bounds().height, source_->width(), source_->height());
    VIVID_TRY(picture_->film(source_, view));
    work_.filmed += bounds().area();
  }
  // A camera gives the whole picture anew, whatever of it was asked for.
  const Region drawn = source_ ? Region(bounds()) : region;
  for (const PixelRect& rect : drawn.rects()) {
    if (base_) {
      VIVID_TRY(picture_->copy_rect(base_, rect));
      work_.copied += rect.area();
    }
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const TimedLayer& layer = shot().layers[i];
      const LayerState state = layer.at(frame);
      if (!state.shown()) continue;
      const PixelRect place = layer.place(state).bounds;
      VIVID_TRY(picture_->put_layer(layers_[i].pixels, place.x, place.y, state.opacity, rect));
      work_.blended += intersection(place, rect).area();
    }
  }
  return {};
}

}  // namespace vivid::render
