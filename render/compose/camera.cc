#include "render/compose/camera.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "render/compose/kernels.h"

namespace vivid::render {
namespace {

using kernels::kTaps;
constexpr std::size_t kBlock = kernels::kBlock;

// Taps reach over the end of a row.
constexpr int kPadding = CameraSource::kPadding;

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

std::int16_t coefficient(float value) {
  constexpr long kLargest = kernels::kLargestSource;
  return static_cast<std::int16_t>(std::clamp(std::lround(value), -kLargest, kLargest));
}

// Where between samples something is read: from `start` on, with these shares.
struct Taps {
  int start = 0;
  std::array<int, kTaps> weights{};
};

// The weights add up to one exactly, so that what is even stays even.
Taps taps_at(double place) {
  constexpr int kOne = 1 << kernels::kWeightBits;
  const double floor = std::floor(place);
  const double t = place - floor;
  const double u = 1.0 - t;
  const double shares[kTaps] = {u * u * u / 6, 0, (-3 * t * t * t + 3 * t * t + 3 * t + 1) / 6, t * t * t / 6};
  Taps taps{static_cast<int>(floor) - 1, {}};
  int rest = kOne;
  for (int k : {0, 2, 3}) {
    taps.weights[static_cast<std::size_t>(k)] = static_cast<int>(std::lround(shares[k] * kOne));
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

Axis across_of(const CameraView& view, int plane) { return {view.scale, view.x, plane == 0 ? 1 : 2, 0.5}; }
Axis down_of(const CameraView& view, int plane) {
  return {view.scale, view.y, plane == 0 ? 1 : 2, plane == 0 ? 0.5 : 1.0};
}

// The taps of every sample of a row.
class RowTable {
 public:
  RowTable(const Axis& axis, int count, int source_width) : starts_(static_cast<std::size_t>(count)) {
    for (auto& column : weights_) column.resize(starts_.size());
    for (std::size_t i = 0; i < starts_.size(); ++i) {
      const Taps taps = taps_at(axis.source_of(static_cast<int>(i)));
      starts_[i] = std::clamp(taps.start, -kPadding, source_width + kPadding - kTaps);
      for (std::size_t k = 0; k < kTaps; ++k) weights_[k][i] = static_cast<std::int16_t>(taps.weights[k]);
    }
  }

  const std::vector<std::int32_t>& starts() const { return starts_; }
  const std::array<std::vector<std::int16_t>, kTaps>& weights() const { return weights_; }

  kernels::RowTaps taps(int low, int high) const {
    kernels::RowTaps taps{starts_.data(), lookups_.empty() ? nullptr : lookups_.data(), {}, low, high};
    for (std::size_t k = 0; k < kTaps; ++k) taps.weights[k] = weights_[k].data();
    return taps;
  }

  // For the vector unit.
  void fill_lookups() {
    constexpr std::uint8_t kElsewhere = 128;
    lookups_.assign(starts_.size() / kBlock * kernels::kBlockLookups, kElsewhere);
    std::uint8_t* lookup = lookups_.data();
    for (std::size_t block = 0; block + kBlock <= starts_.size(); block += kBlock, lookup += kernels::kBlockLookups) {
      for (std::size_t i = 0; i < kBlock; ++i) {
        const auto place = static_cast<std::size_t>(starts_[block + i] - starts_[block]);
        if (place >= 2 * kBlock) {
          lookups_.clear();
          return;
        }
        std::uint8_t* half = lookup + (place < kBlock ? 0 : 2 * kBlock);
        half[2 * i] = static_cast<std::uint8_t>(2 * (place % kBlock));
        half[2 * i + 1] = static_cast<std::uint8_t>(2 * (place % kBlock) + 1);
      }
    }
  }

 private:
  std::vector<std::int32_t> starts_;
  std::vector<std::uint8_t> lookups_;
  std::array<std::vector<std::int16_t>, kTaps> weights_;
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
  result.samples.resize(static_cast<std::size_t>(result.stride) * height);
  const SplineFilter filter;
  std::vector<float> line(width);
  for (std::size_t y = 0; y < height; ++y) {
    const std::uint8_t* row = picture.row(plane, static_cast<int>(y));
    for (std::size_t x = 0; x < width; ++x) line[x] = static_cast<float>(row[x] << kernels::kSourceBits);
    filter(line);
    std::int16_t* to = result.samples.data() + y * static_cast<std::size_t>(result.stride);
    for (int x = -kPadding; x < result.width + kPadding; ++x) {
      to[x + kPadding] = coefficient(line[static_cast<std::size_t>(mirrored(x, result.width))]);
    }
  }
  std::vector<float> column(height);
  for (int x = 0; x < result.stride; ++x) {
    std::int16_t* const top = result.samples.data() + x;
    for (std::size_t y = 0; y < height; ++y) column[y] = top[y * static_cast<std::size_t>(result.stride)];
    filter(column);
    for (std::size_t y = 0; y < height; ++y) top[y * static_cast<std::size_t>(result.stride)] = coefficient(column[y]);
  }
  return result;
}

std::size_t CameraSource::size_bytes() const {
  std::size_t samples = 0;
  for (const Plane& plane : planes_) samples += plane.samples.size();
  return samples * sizeof(std::int16_t);
}

CameraSource::CameraSource(const YuvFrame& picture)
    : width_(picture.width()),
      height_(picture.height()),
      planes_{prefilter(picture, 0), prefilter(picture, 1), prefilter(picture, 2)} {}

void CameraSource::film(const CameraView& view, YuvFrame& to) const {
  for (int plane = 0; plane < 3; ++plane) {
    const Plane& source = planes_[static_cast<std::size_t>(plane)];
    const Axis across = across_of(view, plane);
    const Axis down = down_of(view, plane);
    const int count = to.plane_width(plane);
    RowTable table(across, count, source.width);
    table.fill_lookups();
    const kernels::RowTaps row_taps = table.taps(16, plane == 0 ? 235 : 240);
    // Windows may reach over the end of the row.
    std::vector<std::int16_t> line(static_cast<std::size_t>(source.stride) + 2 * kBlock);
    for (int y = 0; y < to.plane_height(plane); ++y) {
      const Taps taps = taps_at(down.source_of(y));
      kernels::ColumnTaps column_taps;
      for (int k = 0; k < kTaps; ++k) {
        column_taps.rows[k] = source.row(taps.start + k) - kPadding;
        column_taps.weights[k] = static_cast<std::int16_t>(taps.weights[static_cast<std::size_t>(k)]);
      }
      kernels::filter_columns(column_taps, line.data(), static_cast<std::size_t>(source.stride));
      kernels::filter_row(line.data() + kPadding, row_taps, to.row(plane, y), static_cast<std::size_t>(count));
    }
  }
}

FilmPlan CameraSource::plan(const CameraView& view, int plane, int width, int height) const {
  const Plane& source = planes_[static_cast<std::size_t>(plane)];
  const RowTable table(across_of(view, plane), width, source.width);
  FilmPlan plan{{}, table.starts(), table.weights()};
  const Axis down = down_of(view, plane);
  for (int y = 0; y < height; ++y) {
    const Taps taps = taps_at(down.source_of(y));
    FilmPlan::Row row;
    for (int k = 0; k < kTaps; ++k) {
      row.at[k] = mirrored(taps.start + k, source.height);
      row.weights[k] = static_cast<std::int16_t>(taps.weights[static_cast<std::size_t>(k)]);
    }
    plan.rows.push_back(row);
  }
  return plan;
}

}  // namespace vivid::render
