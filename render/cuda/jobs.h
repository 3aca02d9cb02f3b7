// What a kernel is told: plain values, which are handed to a device as they are.
//
// Threads: values. Ownership: pointers into device memory, owned by whoever launches. Units: samples of a plane; rows
// of canvases begin at multiples of kRowBytes, so that a thread may take several samples at once.
#pragma once

#include <cstdint>

namespace vivid::render::cuda {

inline constexpr int kRowBytes = 256;

// A canvas: y, u, v.
struct Planes {
  std::uint8_t* data[3];
  int pitch[3];
};

// What is worked on, in each plane.
struct Parts {
  int x[3];
  int y[3];
  int width[3];
  int height[3];
};

enum class BlendKind : int { copy, mix, wipe, slide };

struct BlendJob {
  Planes from;
  Planes into;
  Planes to;
  Parts parts;
  int width[3];  // of the planes
  BlendKind kind;
  int from_left;
  int weight;        // of a mix
  int from_is_flat;  // the old picture is black, not `from`; into_is_flat likewise
  int into_is_flat;
  int place;     // of a wipe or slide, in pixels
  int softness;  // of a wipe
};

struct LayerJob {
  const std::int16_t* color[3];
  const std::int16_t* alpha[3];
  int pitch[3];  // samples
  int x[3];      // where its first sample stands
  int y[3];
  int opacity;
  Planes to;
  Parts parts;
};

struct FilmRow {
  std::int32_t at[4];
  std::int16_t weights[4];
};

struct FilmJob {
  const std::int16_t* source[3];  // beyond the padding of its first row
  int stride[3];                  // samples
  const FilmRow* rows[3];
  const std::int32_t* starts[3];
  const std::int16_t* weights[3];  // those of the first taps of all columns, of the second …
  Planes to;
  Parts parts;
};

// A canvas as encoders take it: luma, then both chroma samples side by side; of 8 bits (NV12), or of 16 whose upper
// ones count (P010).
struct PackJob {
  Planes from;
  int width;
  int height;
  std::uint8_t* luma;
  std::uint8_t* chroma;
  int luma_pitch;    // bytes
  int chroma_pitch;  // bytes
  int sample_bytes;  // 1 or 2
};

// So many samples of a row are one thread's.
inline constexpr int kBlendRun = 16;
inline constexpr int kLayerRun = 8;
inline constexpr int kFilmRun = 4;
inline constexpr int kPackRun = 8;

inline constexpr const char* kBlendName = "vivid_blend";
inline constexpr const char* kLayerName = "vivid_put_layer";
inline constexpr const char* kFilmName = "vivid_film";
inline constexpr const char* kPackName = "vivid_pack";

}  // namespace vivid::render::cuda
