#include "render/compose/captioned_composer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>
#include <utility>

#include "base/digest.h"
#include "render/compose/frame_rate.h"
#include "render/compose/kernels.h"
#include "render/compose/pixels.h"
#include "render/layout/caption_plate.h"
#include "render/layout/painter.h"
#include "render/layout/theme.h"

namespace vivid::render {
namespace {

// One caption, and when and where it is seen.
struct Plate {
  std::int64_t first = 0;
  std::int64_t end = 0;
  Page page;
  PixelRect bounds;
};

// What all readers of a video have in common.
struct Plates {
  std::string language;
  RenderOptions options;
  std::vector<Plate> in_order;

  double scale() const { return options.height_px / kPageHeight; }
};

PixelRect bounds_of(const Page& page, const RenderOptions& options) {
  const double scale = options.height_px / kPageHeight;
  const Rect box = page.elements.front().box;
  const auto down = [scale](double at) { return (static_cast<int>(std::floor(at * scale)) - 2) & ~1; };
  const auto up = [scale](double at) { return (static_cast<int>(std::ceil(at * scale)) + 3) & ~1; };
  const PixelRect around{down(box.x), down(box.y), up(box.right()) - down(box.x), up(box.bottom()) - down(box.y)};
  return intersection(around, {0, 0, options.width_px, options.height_px});
}

std::shared_ptr<const Plates> make_plates(const std::vector<Caption>& captions, const std::string& language,
                                          const RenderOptions& options, std::int64_t frames) {
  auto plates = std::make_shared<Plates>();
  plates->language = language;
  plates->options = options;
  const TextEngine engine(language);
  const CaptionStyle style{kPageHeight * options.width_px / options.height_px, options.font_scale,
                           options.high_contrast};
  const FrameRate rate{options.frames_per_second, 1};
  std::int64_t free_from = 0;
  for (const Caption& caption : captions) {
    Plate plate;
    plate.first = std::max(free_from, frame_at(caption.start, rate));
    plate.end = std::min(frames, std::max(frame_at(caption.end, rate), plate.first + 1));
    if (plate.first >= plate.end) continue;
    free_from = plate.end;
    plate.page = lay_out_caption(engine, caption.lines, style);
    plate.bounds = bounds_of(plate.page, options);
    plates->in_order.push_back(std::move(plate));
  }
  return plates;
}

void copy_rect(const YuvView& from, const PixelRect& rect, YuvFrame& to) {
  for (int plane = 0; plane < 3; ++plane) {
    const PlaneRect part = plane_rect(rect, plane);
    for (int y = part.y; y < part.y + part.height; ++y) {
      const std::uint8_t* row = from.planes[plane] + static_cast<std::ptrdiff_t>(y) * from.strides_bytes[plane];
      std::memcpy(to.row(plane, y) + part.x, row + part.x, static_cast<std::size_t>(part.width));
    }
  }
}

class CaptionedComposer : public Composer {
 public:
  CaptionedComposer(std::unique_ptr<Composer> inner, std::shared_ptr<const Plates> plates)
      : inner_(std::move(inner)),
        plates_(std::move(plates)),
        engine_(plates_->language),
        picture_(plates_->options.width_px, plates_->options.height_px) {}

  std::int64_t frame_count() const override { return inner_->frame_count(); }
  const std::vector<SceneFrames>& scenes() const override { return inner_->scenes(); }
  const std::vector<std::string>& warnings() const override { return inner_->warnings(); }
  const PixelWork& work() const override { return work_; }
  Status write_scene_still(int scene, const std::filesystem::path& png) override {
    return inner_->write_scene_still(scene, png);
  }
  std::unique_ptr<Composer> fork() const override {
    return std::make_unique<CaptionedComposer>(inner_->fork(), plates_);
  }

  FrameMark mark(std::int64_t index) const override {
    FrameMark mark = inner_->mark(index);
    mark.mixed = false;
    mark.held = mark.held && (index == 0 || plate_at(index) == plate_at(index - 1));
    return mark;
  }

  Result<std::string> digest(std::int64_t first, std::int64_t end) override {
    VIVID_ASSIGN(std::string whole, inner_->digest(first, end));
    for (const Plate& plate : plates_->in_order) {
      if (plate.end <= first || plate.first >= end) continue;
      VIVID_TRY(load(plate));
      whole += " " + std::to_string(std::max(plate.first, first) - first) + "-" +
               std::to_string(std::min(plate.end, end) - first) + " at " + std::to_string(plate.bounds.x) + "," +
               std::to_string(plate.bounds.y) + " " + digest_of_pixels();
    }
    Sha256 sum;
    sum.update(std::as_bytes(std::span(whole)));
    return sum.finish_hex();
  }

  Result<ComposedFrame> frame(std::int64_t index) override {
    VIVID_ASSIGN(ComposedFrame composed, inner_->frame(index));
    const bool follows = last_ >= 0 && index == last_ + 1;
    const Plate* now = plate_at(index);
    const Plate* before = follows ? plate_at(last_) : nullptr;
    last_ = index;
    Region damage = follows ? composed.damage : Region(picture_.bounds());
    if (follows && now != before) {
      for (const Plate* plate : {before, now}) {
        if (plate != nullptr) damage.add(plate->bounds);
      }
    }
    if (now != nullptr) VIVID_TRY(load(*now));
    for (const PixelRect& rect : damage.rects()) draw(composed.picture, rect, now);
    add_up();
    composed.picture = picture_.view();
    composed.held = follows && damage.empty();
    composed.damage = std::move(damage);
    // A caption may come or go in the middle of a fade.
    composed.next_share = 0;
    return composed;
  }

 private:
  const Plate* plate_at(std::int64_t frame) const {
    const auto& all = plates_->in_order;
    const auto after = std::upper_bound(all.begin(), all.end(), frame,
                                        [](std::int64_t value, const Plate& plate) { return value < plate.first; });
    if (after == all.begin() || (after - 1)->end <= frame) return nullptr;
    return &*(after - 1);
  }

  Status load(const Plate& plate) {
    if (loaded_ == &plate) return {};
    VIVID_ASSIGN(const SurfacePtr surface, make_surface(plate.bounds.width, plate.bounds.height));
    const Window window{plates_->scale(), static_cast<double>(plate.bounds.x), static_cast<double>(plate.bounds.y)};
    paint_elements(surface.get(), engine_, Theme(), plate.page, {0, 1}, window, 1.0);
    pixels_ = to_layer(surface.get());
    loaded_ = &plate;
    return {};
  }

  void draw(const YuvView& below, const PixelRect& rect, const Plate* plate) {
    copy_rect(below, rect, picture_);
    own_work_.copied += rect.area();
    if (plate == nullptr) return;
    const PixelRect seen = intersection(rect, plate->bounds);
    if (seen.empty()) return;
    put_layer(pixels_, plate->bounds.x, plate->bounds.y, kernels::kWhole, seen, picture_);
    own_work_.blended += seen.area();
  }

  void add_up() {
    work_ = inner_->work();
    work_.copied += own_work_.copied;
    work_.blended += own_work_.blended;
  }

  std::string digest_of_pixels() const {
    Sha256 sum;
    for (const auto& plane : pixels_.colors) sum.update(std::as_bytes(std::span(plane)));
    for (const auto& plane : pixels_.alphas) sum.update(std::as_bytes(std::span(plane)));
    return sum.finish_hex();
  }

  std::unique_ptr<Composer> inner_;
  std::shared_ptr<const Plates> plates_;
  TextEngine engine_;
  YuvFrame picture_;
  std::int64_t last_ = -1;
  const Plate* loaded_ = nullptr;
  LayerPixels pixels_;  // of `loaded_`
  PixelWork own_work_;
  PixelWork work_;
};

}  // namespace

Result<std::unique_ptr<Composer>> put_captions_on(std::unique_ptr<Composer> composer,
                                                  const std::vector<Caption>& captions, const std::string& language,
                                                  const RenderOptions& options) {
  auto plates = make_plates(captions, language, options, composer->frame_count());
  if (plates->in_order.empty()) return composer;
  return std::unique_ptr<Composer>(std::make_unique<CaptionedComposer>(std::move(composer), std::move(plates)));
}

}  // namespace vivid::render
