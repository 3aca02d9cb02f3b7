#include "render/cuda/canvas.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace vivid::render::cuda {
namespace {

constexpr int kWeight = 256;

Parts parts_of(const PixelRect& rect) {
  Parts parts{};
  for (int plane = 0; plane < 3; ++plane) {
    const PlaneRect part = plane_rect(rect, plane);
    parts.x[plane] = part.x;
    parts.y[plane] = part.y;
    parts.width[plane] = part.width;
    parts.height[plane] = part.height;
  }
  return parts;
}

// How many runs of so many samples the widest plane's rows have.
unsigned runs_of(const Parts& parts, int run) {
  int most = 0;
  for (int plane = 0; plane < 3; ++plane) {
    const int first = parts.x[plane] / run * run;
    most = std::max(most, (parts.x[plane] + parts.width[plane] - first + run - 1) / run);
  }
  return static_cast<unsigned>(most);
}

BlendJob job_of(const BlendState& state, int width_px) {
  BlendJob job{};
  job.from_left = state.from_left ? 1 : 0;
  job.place = state.place;
  job.softness = wipe_softness(width_px);
  switch (state.blend) {
    case Blend::none:
      job.kind = BlendKind::copy;
      break;
    case Blend::fade:
      job.kind = BlendKind::mix;
      job.weight = state.place;
      break;
    case Blend::slide:
      job.kind = BlendKind::slide;
      break;
    case Blend::wipe:
      job.kind = BlendKind::wipe;
      break;
    case Blend::dissolve:
      job.kind = BlendKind::mix;
      job.into_is_flat = state.place <= kWeight ? 1 : 0;
      job.from_is_flat = 1 - job.into_is_flat;
      job.weight = state.place <= kWeight ? state.place : state.place - kWeight;
      break;
  }
  return job;
}

// A canvas's studio makes no others.
const CudaCanvas& ours(const Canvas& canvas) { return static_cast<const CudaCanvas&>(canvas); }

// What a camera's plans take on the device: rows, starts and weights of luma, then of chroma.
struct PlanLayout {
  std::size_t rows[2];
  std::size_t starts[2];
  std::size_t weights[2];
  std::size_t bytes = 0;

  explicit PlanLayout(const Layout& canvas) {
    for (int i = 0; i < 2; ++i) {
      rows[i] = take(static_cast<std::size_t>(canvas.height[i]) * sizeof(FilmRow));
      starts[i] = take(static_cast<std::size_t>(canvas.width[i]) * sizeof(std::int32_t));
      weights[i] = take(static_cast<std::size_t>(canvas.width[i]) * 4 * sizeof(std::int16_t));
    }
  }

 private:
  std::size_t take(std::size_t size) {
    const std::size_t at = bytes;
    bytes += (size + kRowBytes - 1) / kRowBytes * kRowBytes;
    return at;
  }
};

void write_plan(const FilmPlan& plan, int i, const PlanLayout& layout, std::byte* to) {
  static_assert(sizeof(FilmRow) == sizeof(FilmPlan::Row) && sizeof(FilmRow) == 24);
  std::memcpy(to + layout.rows[i], plan.rows.data(), plan.rows.size() * sizeof(FilmRow));
  std::memcpy(to + layout.starts[i], plan.starts.data(), plan.starts.size() * sizeof(std::int32_t));
  std::byte* weights = to + layout.weights[i];
  for (const auto& column : plan.weights) {
    std::memcpy(weights, column.data(), column.size() * sizeof(std::int16_t));
    weights += column.size() * sizeof(std::int16_t);
  }
}

}  // namespace

Result<std::unique_ptr<Canvas>> CudaCanvas::make(std::shared_ptr<Line> line, std::shared_ptr<Uploads> uploads,
                                                 int width_px, int height_px) {
  std::unique_ptr<CudaCanvas> canvas(new CudaCanvas(std::move(line), std::move(uploads), width_px, height_px));
  VIVID_ASSIGN(canvas->buffer_, canvas->line_->device()->allocate(canvas->layout_.bytes));
  return std::unique_ptr<Canvas>(std::move(canvas));
}

CudaCanvas::~CudaCanvas() {
  line_->keep(std::move(buffer_));
  line_->return_pinned(std::move(shown_));
}

Status CudaCanvas::launch_blend(BlendJob job, const PixelRect& rect) {
  job.to = planes();
  job.parts = parts_of(rect);
  for (int plane = 0; plane < 3; ++plane) job.width[plane] = layout_.width[plane];
  const Device::Current current(*line_->device());
  VIVID_TRY(current.status());
  drawn_.add(rect);
  return line_->device()->launch(kBlendName, job, runs_of(job.parts, kBlendRun),
                                 static_cast<unsigned>(job.parts.height[0]), line_->drawing());
}

Status CudaCanvas::copy(const Canvas& from) {
  const Device::Current current(*line_->device());
  VIVID_TRY(current.status());
  const Api& api = line_->device()->api();
  drawn_ = Region(bounds());
  return api.check(api.copy_device(buffer_.address(), ours(from).buffer_.address(), layout_.bytes, line_->drawing()),
                   "copy");
}

Status CudaCanvas::copy_rect(const std::shared_ptr<const YuvFrame>& from, const PixelRect& rect) {
  VIVID_ASSIGN(const auto upload, uploads_->frame(from, *line_));
  VIVID_TRY(line_->use(upload));
  BlendJob job{};
  job.kind = BlendKind::copy;
  job.from = job.into = layout_.planes(upload->buffer.address());
  return launch_blend(job, rect);
}

Status CudaCanvas::blend(const Canvas& from, const Canvas& into, const BlendState& state, const PixelRect& rect) {
  BlendJob job = job_of(state, layout_.width[0]);
  job.from = ours(from).planes();
  job.into = ours(into).planes();
  return launch_blend(job, rect);
}

Status CudaCanvas::put_layer(const std::shared_ptr<const LayerPixels>& layer, int x, int y, int opacity,
                             const PixelRect& rect) {
  const PixelRect seen = intersection(intersection({x, y, layer->width, layer->height}, rect), bounds());
  if (seen.empty()) return {};
  VIVID_ASSIGN(const auto upload, uploads_->layer(layer, *line_));
  VIVID_TRY(line_->use(upload));
  const LayerLayout layout(*layer);
  LayerJob job{};
  for (int plane = 0; plane < 3; ++plane) {
    job.color[plane] = reinterpret_cast<const std::int16_t*>(upload->buffer.address() + layout.color[plane]);
    job.alpha[plane] = reinterpret_cast<const std::int16_t*>(upload->buffer.address() + layout.alpha[plane]);
    job.pitch[plane] = layout.pitch[plane];
    job.x[plane] = plane == 0 ? x : x / 2;
    job.y[plane] = plane == 0 ? y : y / 2;
  }
  job.opacity = opacity;
  job.to = planes();
  job.parts = parts_of(seen);
  const Device::Current current(*line_->device());
  VIVID_TRY(current.status());
  drawn_.add(seen);
  return line_->device()->launch(kLayerName, job, runs_of(job.parts, kLayerRun),
                                 static_cast<unsigned>(job.parts.height[0]), line_->drawing());
}

Status CudaCanvas::film(const std::shared_ptr<const CameraSource>& source, const CameraView& view) {
  VIVID_ASSIGN(const auto upload, uploads_->source(source, *line_));
  VIVID_TRY(line_->use(upload));
  const PlanLayout plans(layout_);
  VIVID_ASSIGN(const auto plan, line_->bring(plans.bytes, [&](std::byte* to) {
    for (int i = 0; i < 2; ++i) write_plan(source->plan(view, i, layout_.width[i], layout_.height[i]), i, plans, to);
  }));
  VIVID_TRY(line_->use(plan));
  const SourceLayout samples(*source);
  FilmJob job{};
  for (int plane = 0; plane < 3; ++plane) {
    const int which = plane == 0 ? 0 : 1;
    const Address at = plan->buffer.address();
    job.source[plane] =
        reinterpret_cast<const std::int16_t*>(upload->buffer.address() + samples.plane[plane]) + CameraSource::kPadding;
    job.stride[plane] = source->stride(plane);
    job.rows[plane] = reinterpret_cast<const FilmRow*>(at + plans.rows[which]);
    job.starts[plane] = reinterpret_cast<const std::int32_t*>(at + plans.starts[which]);
    job.weights[plane] = reinterpret_cast<const std::int16_t*>(at + plans.weights[which]);
  }
  job.to = planes();
  job.parts = parts_of(bounds());
  const Device::Current current(*line_->device());
  VIVID_TRY(current.status());
  drawn_ = Region(bounds());
  return line_->device()->launch(kFilmName, job, runs_of(job.parts, kFilmRun),
                                 static_cast<unsigned>(job.parts.height[0]), line_->drawing());
}

Status CudaCanvas::bring_back(const PixelRect& rect) {
  const Api& api = line_->device()->api();
  for (int plane = 0; plane < 3; ++plane) {
    const PlaneRect part = plane_rect(rect, plane);
    if (part.width == 0 || part.height == 0) continue;
    Copy2D copy{};
    copy.from_kind = kDeviceMemory;
    copy.from_device = buffer_.address() + layout_.offset[plane];
    copy.to_kind = kHostMemory;
    copy.to_host = shown_.data() + layout_.offset[plane];
    copy.from_pitch = copy.to_pitch = static_cast<std::size_t>(layout_.pitch[plane]);
    copy.from_x = copy.to_x = static_cast<std::size_t>(part.x);
    copy.from_y = copy.to_y = static_cast<std::size_t>(part.y);
    copy.width_bytes = static_cast<std::size_t>(part.width);
    copy.height = static_cast<std::size_t>(part.height);
    VIVID_TRY(api.check(api.copy_2d(&copy, line_->drawing()), "bring a picture back"));
  }
  return {};
}

Result<YuvView> CudaCanvas::show() {
  if (shown_.data() == nullptr) {
    VIVID_ASSIGN(shown_, line_->take_pinned(layout_.bytes));
    drawn_ = Region(bounds());
  }
  if (!drawn_.empty()) {
    const Device::Current current(*line_->device());
    VIVID_TRY(current.status());
    for (const PixelRect& rect : drawn_.rects()) VIVID_TRY(bring_back(rect));
    VIVID_TRY(line_->wait());
    drawn_ = Region();
  }
  YuvView view;
  for (int plane = 0; plane < 3; ++plane) {
    view.planes[plane] = reinterpret_cast<const std::uint8_t*>(shown_.data()) + layout_.offset[plane];
    view.strides_bytes[plane] = layout_.pitch[plane];
  }
  view.width_px = layout_.width[0];
  view.height_px = layout_.height[0];
  return view;
}

Status CudaCanvas::pack(const PackedPicture& to) {
  const PackJob job{planes(),
                    layout_.width[0],
                    layout_.height[0],
                    reinterpret_cast<std::uint8_t*>(to.luma),
                    reinterpret_cast<std::uint8_t*>(to.chroma),
                    to.luma_pitch,
                    to.chroma_pitch,
                    to.sample_bytes};
  const Device::Current current(*line_->device());
  VIVID_TRY(current.status());
  VIVID_TRY(line_->device()->launch(kPackName, job, static_cast<unsigned>((job.width + kPackRun - 1) / kPackRun),
                                    static_cast<unsigned>(job.height), line_->drawing()));
  return line_->wait();
}

}  // namespace vivid::render::cuda
