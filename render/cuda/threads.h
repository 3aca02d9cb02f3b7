// What one thread of each kernel does: the `run`th stretch of samples of row `row` of plane `plane`, counted within the
// job's part. Compiled for devices by nvcc, and by any compiler for tests.
//
// Threads: pure but for the samples they write, which are no other thread's.
#pragma once

#include <cstring>

#include "render/compose/sample_math.h"
#include "render/cuda/jobs.h"

namespace vivid::render::cuda {

// Bytes that are read and written at once, where they lie at a multiple of their number.
template <int kCount>
struct alignas(kCount) Chunk {
  std::uint32_t words[kCount / 4];

  VIVID_ON_DEVICE_TOO int byte(int i) const { return static_cast<int>(words[i / 4] >> (8 * (i % 4)) & 255U); }
  VIVID_ON_DEVICE_TOO void set_byte(int i, std::uint8_t value) {
    const int shift = 8 * (i % 4);
    words[i / 4] = (words[i / 4] & ~(255U << shift)) | (static_cast<std::uint32_t>(value) << shift);
  }
  // As samples of 16 bits.
  VIVID_ON_DEVICE_TOO int half(int i) const {
    return static_cast<std::int16_t>(words[i / 2] >> (16 * (i % 2)) & 0xFFFFU);
  }
};

template <int kCount>
VIVID_ON_DEVICE_TOO inline Chunk<kCount> load(const void* from) {
#ifdef __CUDA_ARCH__
  return *static_cast<const Chunk<kCount>*>(from);
#else
  Chunk<kCount> chunk;
  std::memcpy(chunk.words, from, kCount);
  return chunk;
#endif
}

template <int kCount>
VIVID_ON_DEVICE_TOO inline void store(const Chunk<kCount>& chunk, void* to) {
#ifdef __CUDA_ARCH__
  *static_cast<Chunk<kCount>*>(to) = chunk;
#else
  std::memcpy(to, chunk.words, kCount);
#endif
}

// The samples [begin, end) of a row that a thread has; `whole`: all of its run.
struct Run {
  int begin;
  int end;
  int y;
  bool whole;
};
template <int kCount>
VIVID_ON_DEVICE_TOO inline Run find_run(const Parts& parts, int run, int row, int plane) {
  if (row >= parts.height[plane]) return {0, 0, 0, false};
  const int first = parts.x[plane] / kCount * kCount + run * kCount;
  const int end = parts.x[plane] + parts.width[plane];
  const int begin = first > parts.x[plane] ? first : parts.x[plane];
  const int last = first + kCount < end ? first + kCount : end;
  return {begin, last, parts.y[plane] + row, begin == first && last == first + kCount};
}

VIVID_ON_DEVICE_TOO inline std::uint8_t* row_of(const Planes& planes, int plane, int y) {
  return planes.data[plane] + static_cast<std::int64_t>(y) * planes.pitch[plane];
}

// How much of the new picture sample x shows.
VIVID_ON_DEVICE_TOO inline int weight_at(const BlendJob& job, int plane, int x) {
  if (job.kind != BlendKind::wipe) return job.weight;
  const int step = plane == 0 ? 1 : 2;
  const int run = job.from_left != 0 ? x * step : job.width[plane] * step - 1 - x * step;
  return samples::wipe_weight(run, job.place, job.softness);
}

// The frame is a window over both pictures side by side.
VIVID_ON_DEVICE_TOO inline std::uint8_t slid(const BlendJob& job, int plane, int x, const std::uint8_t* from,
                                             const std::uint8_t* into) {
  const int entered = plane == 0 ? job.place : job.place / 2;
  const int width = job.width[plane];
  if (job.from_left != 0) return x < entered ? into[x + width - entered] : from[x - entered];
  return x < width - entered ? from[x + entered] : into[x - (width - entered)];
}

VIVID_ON_DEVICE_TOO inline void blend_thread(const BlendJob& job, int run_index, int row, int plane) {
  const Run run = find_run<kBlendRun>(job.parts, run_index, row, plane);
  if (run.begin >= run.end) return;
  const std::uint8_t* from = row_of(job.from, plane, run.y);
  const std::uint8_t* into = row_of(job.into, plane, run.y);
  std::uint8_t* to = row_of(job.to, plane, run.y);
  const int black = plane == 0 ? 16 : 128;
  if (!run.whole || job.kind == BlendKind::slide) {
    for (int x = run.begin; x < run.end; ++x) {
      if (job.kind == BlendKind::slide) {
        to[x] = slid(job, plane, x, from, into);
      } else if (job.kind == BlendKind::copy) {
        to[x] = into[x];
      } else {
        to[x] = samples::mixed(job.from_is_flat != 0 ? black : from[x], job.into_is_flat != 0 ? black : into[x],
                               weight_at(job, plane, x));
      }
    }
    return;
  }
  Chunk<kBlendRun> fresh{};
  if (job.into_is_flat == 0) fresh = load<kBlendRun>(into + run.begin);
  if (job.kind != BlendKind::copy) {
    Chunk<kBlendRun> old{};
    if (job.from_is_flat == 0) old = load<kBlendRun>(from + run.begin);
    for (int i = 0; i < kBlendRun; ++i) {
      fresh.set_byte(
          i, samples::mixed(job.from_is_flat != 0 ? black : old.byte(i), job.into_is_flat != 0 ? black : fresh.byte(i),
                            weight_at(job, plane, run.begin + i)));
    }
  }
  store(fresh, to + run.begin);
}

VIVID_ON_DEVICE_TOO inline void layer_thread(const LayerJob& job, int run_index, int row, int plane) {
  const Run run = find_run<kLayerRun>(job.parts, run_index, row, plane);
  if (run.begin >= run.end) return;
  const std::int64_t line = static_cast<std::int64_t>(run.y - job.y[plane]) * job.pitch[plane] - job.x[plane];
  const std::int16_t* color = job.color[plane] + line;
  const std::int16_t* alpha = job.alpha[plane] + line;
  std::uint8_t* to = row_of(job.to, plane, run.y);
  // Rows of layers, too, begin at multiples of a run.
  if (!run.whole || (run.begin - job.x[plane]) % kLayerRun != 0) {
    for (int x = run.begin; x < run.end; ++x) to[x] = samples::over(color[x], alpha[x], job.opacity, to[x]);
    return;
  }
  const auto colors = load<2 * kLayerRun>(color + run.begin);
  const auto alphas = load<2 * kLayerRun>(alpha + run.begin);
  auto chunk = load<kLayerRun>(to + run.begin);
  for (int i = 0; i < kLayerRun; ++i) {
    chunk.set_byte(i, samples::over(colors.half(i), alphas.half(i), job.opacity, chunk.byte(i)));
  }
  store(chunk, to + run.begin);
}

VIVID_ON_DEVICE_TOO inline std::uint8_t film_sample(const FilmJob& job, const FilmRow& row, int plane, int x) {
  const int width = job.parts.x[plane] + job.parts.width[plane];
  std::int32_t sum = 0;
  for (int k = 0; k < 4; ++k) {
    const int at = job.starts[plane][x] + k;
    std::int32_t column = 0;
    for (int i = 0; i < 4; ++i) {
      const std::int64_t line = static_cast<std::int64_t>(row.at[i]) * job.stride[plane];
      column += samples::product(job.source[plane][line + at], row.weights[i]);
    }
    sum += samples::product(static_cast<std::int16_t>(column), job.weights[plane][k * width + x]);
  }
  return samples::filtered(sum, 16, plane == 0 ? 235 : 240);
}

// The part is the whole frame.
VIVID_ON_DEVICE_TOO inline void film_thread(const FilmJob& job, int run_index, int row, int plane) {
  const Run run = find_run<kFilmRun>(job.parts, run_index, row, plane);
  if (run.begin >= run.end) return;
  const FilmRow taps = job.rows[plane][run.y];
  std::uint8_t* to = row_of(job.to, plane, run.y);
  if (!run.whole) {
    for (int x = run.begin; x < run.end; ++x) to[x] = film_sample(job, taps, plane, x);
    return;
  }
  Chunk<kFilmRun> chunk{};
  for (int i = 0; i < kFilmRun; ++i) chunk.set_byte(i, film_sample(job, taps, plane, run.begin + i));
  store(chunk, to + run.begin);
}

// Sample i of a row whose samples have one byte or two.
VIVID_ON_DEVICE_TOO inline void put_packed(std::uint8_t* row, int i, int sample_bytes, std::uint8_t value) {
  if (sample_bytes == 1) {
    row[i] = value;
    return;
  }
  row[2 * i] = 0;
  row[2 * i + 1] = value;
}

// Plane 0 is luma, plane 1 both of chroma; there is no third.
VIVID_ON_DEVICE_TOO inline void pack_thread(const PackJob& job, int run_index, int row, int plane) {
  const int width = plane == 0 ? job.width : job.width / 2;
  const int height = plane == 0 ? job.height : job.height / 2;
  const int begin = run_index * kPackRun;
  const int end = begin + kPackRun < width ? begin + kPackRun : width;
  if (plane > 1 || row >= height || begin >= end) return;
  if (plane == 0) {
    const std::uint8_t* from = row_of(job.from, 0, row);
    std::uint8_t* to = job.luma + static_cast<std::int64_t>(row) * job.luma_pitch;
    for (int x = begin; x < end; ++x) put_packed(to, x, job.sample_bytes, from[x]);
    return;
  }
  const std::uint8_t* u = row_of(job.from, 1, row);
  const std::uint8_t* v = row_of(job.from, 2, row);
  std::uint8_t* to = job.chroma + static_cast<std::int64_t>(row) * job.chroma_pitch;
  for (int x = begin; x < end; ++x) {
    put_packed(to, 2 * x, job.sample_bytes, u[x]);
    put_packed(to, 2 * x + 1, job.sample_bytes, v[x]);
  }
}

}  // namespace vivid::render::cuda
