#include "render/compose/camera.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "render/compose/kernels.h"

namespace vivid::render {
namespace {

using kernels::kTaps;

// Samples beside a row, for taps that reach over its end.
constexpr int kPadding = 8;

int mirrored(int at, int count) {
  if (count == 1) return 0;
  const int period = 2 * (count - 1);
  const int folded = ((at % period) + period) % period;
  return folded < count ? folded : period - folded;
}

// Samples become the coefficients of the cubic B-spline through them (a recursive filter, once each way).
class SplineFilter {
 public:
  void operator()(std::span<float> line) const {
    const std::size_t count = line.size();
    if (count < 2) return;
    float first = 0.0F;
    float power = 1.0F;
    for (int i = 0; i < kReach; ++i, power *= kPole) {
      first += power * line[static_cast<std::size_t>(mirrored(i, static_cast<int>(count)))];
    }
    line[0] = first;
    for (std::size_t i = 1; i < count; ++i) line[i] += kPole * line[i - 1];
    line[count - 1] = kPole / (kPole * kPole - 1.0F) * (line[count - 1] + kPole * line[count - 2]);
    for (std::size_t i = count - 1; i-- > 0;) line[i] = kPole * (line[i + 1] - line[i]);
    for (float& value : line) value *= 6.0F;
  }

 private:
  static constexpr float kPole = -0.26794919F;  // √3 - 2
  static constexpr int kReach = 16;             // beyond it a sample has no say any more
};

// Where between samples something is read: from `start` on, with these shares.
struct Taps {
  int start = 0;
  std::array<int, kTaps> weights{};
};

// `whole` is what the weights add up to, exactly.
Taps taps_at(double place, int whole) {
  const double floor = std::floor(place);
  const double t = place - floor;
  const double u = 1.0 - t;
  const double shares[kTaps] = {u * u * u / 6, 0, (-3 * t * t * t + 3 * t * t + 3 * t + 1) / 6, t * t * t / 6};
  Taps taps{static_cast<int>(floor) - 1, {}};
  int rest = whole;
  for (int k : {0, 2, 3}) {
    taps.weights[static_cast<std::size_t>(k)] = static_cast<int>(std::lround(shares[k] * whole));
    rest -= taps.weights[static_cast<std::size_t>(k)];
  }
  taps.weights[1] = rest;
  return taps;
}

// Which sample of the source stands at sample `at` of the frame, along one axis of a plane.
class Axis {
 public:
  // `site`: where in its pair of pixels a chroma sample stands; 0.5 in its pixel for luma.
  Axis(double scale, double shift, int step, double site) : scale_(scale), shift_(shift), step_(step), site_(site) {}
  double source_of(int at) const { return ((at * step_ + site_ - shift_) / scale_ - site_) / step_; }

 private:
  double scale_;
  double shift_;
  int step_;
  double site_;
};

// The taps of every sample of a row.
struct RowTable {
  std::vector<std::int32_t> starts;
  std::array<std::vector<std::int16_t>, kTaps> weights;

  RowTable(const Axis& axis, int count, int source_width) : starts(static_cast<std::size_t>(count)) {
    for (auto& column : weights) column.resize(starts.size());
    for (std::size_t i = 0; i < starts.size(); ++i) {
      const Taps taps = taps_at(axis.source_of(static_cast<int>(i)), 1 << kernels::kRowWeightBits);
      starts[i] = std::clamp(taps.start, -kPadding, source_width + kPadding - kTaps);
      for (std::size_t k = 0; k < kTaps; ++k) weights[k][i] = static_cast<std::int16_t>(taps.weights[k]);
    }
  }
};

}  // namespace

const std::int16_t* CameraSource::Plane::row(int y) const {
  return samples.data() + static_cast<std::ptrdiff_t>(mirrored(y, height)) * stride + kPadding;
}

CameraSource::Plane CameraSource::prefilter(const YuvFrame& picture, int plane) {
  Plane result;
  result.width = picture.plane_width(plane);
  result.height = picture.plane_height(plane);
  result.stride = result.width + 2 * kPadding;
  const auto width = static_cast<std::size_t>(result.width);
  const auto height = static_cast<std::size_t>(result.height);
  const SplineFilter filter;
  std::vector<float> field(width * height);
  for (std::size_t y = 0; y < height; ++y) {
    const std::uint8_t* row = picture.row(plane, static_cast<int>(y));
    const std::span<float> line(field.data() + y * width, width);
    for (std::size_t x = 0; x < width; ++x) line[x] = static_cast<float>(row[x] << kernels::kSourceBits);
    filter(line);
  }
  std::vector<float> column(height);
  for (std::size_t x = 0; x < width; ++x) {
    for (std::size_t y = 0; y < height; ++y) column[y] = field[y * width + x];
    filter(column);
    for (std::size_t y = 0; y < height; ++y) field[y * width + x] = column[y];
  }
  result.samples.resize(static_cast<std::size_t>(result.stride) * height);
  for (std::size_t y = 0; y < height; ++y) {
    std::int16_t* to = result.samples.data() + y * static_cast<std::size_t>(result.stride);
    for (int x = -kPadding; x < result.width + kPadding; ++x) {
      const float value = field[y * width + static_cast<std::size_t>(mirrored(x, result.width))];
      to[x + kPadding] = static_cast<std::int16_t>(std::clamp(std::lround(value), -32'768L, 32'767L));
    }
  }
  return result;
}

CameraSource::CameraSource(const YuvFrame& picture)
    : width_(picture.width()),
      height_(picture.height()),
      planes_{prefilter(picture, 0), prefilter(picture, 1), prefilter(picture, 2)} {}

void CameraSource::film(const CameraView& view, YuvFrame& to) const {
  constexpr int kColumnWhole = 1 << 15;
  for (int plane = 0; plane < 3; ++plane) {
    const Plane& source = planes_[static_cast<std::size_t>(plane)];
    const int step = plane == 0 ? 1 : 2;
    const Axis across(view.scale, view.x, step, 0.5);
    const Axis down(view.scale, view.y, step, plane == 0 ? 0.5 : 1.0);
    const int count = to.plane_width(plane);
    const RowTable table(across, count, source.width);
    kernels::RowTaps row_taps{table.starts.data(), {}, 16, plane == 0 ? 235 : 240};
    for (std::size_t k = 0; k < kTaps; ++k) row_taps.weights[k] = table.weights[k].data();
    std::vector<std::int16_t> line(static_cast<std::size_t>(source.stride));
    for (int y = 0; y < to.plane_height(plane); ++y) {
      const Taps taps = taps_at(down.source_of(y), kColumnWhole);
      kernels::ColumnTaps column_taps;
      for (int k = 0; k < kTaps; ++k) {
        column_taps.rows[k] = source.row(taps.start + k) - kPadding;
        column_taps.weights[k] = static_cast<std::int16_t>(taps.weights[static_cast<std::size_t>(k)]);
      }
      kernels::filter_columns(column_taps, line.data(), line.size());
      kernels::filter_row(line.data() + kPadding, row_taps, to.row(plane, y), static_cast<std::size_t>(count));
    }
  }
}

}  // namespace vivid::render
