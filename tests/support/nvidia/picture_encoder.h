// Pictures become H.264 the way the stand-in's "hardware" makes them: through libx264.
//
// Threads: one encoder, one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace vivid::stand_in {

struct EncoderSetup {
  int width = 0;
  int height = 0;
  int rate_num = 30;
  int rate_den = 1;
  int b_frames = 0;
  int gop_length = 0;
  int look_ahead = 0;
  int quality = 23;       // a constant quantiser's, or what a quality target comes to
  bool adaptive = false;  // finer where little happens
  bool lossless = false;
  bool repeat_headers = false;
  bool picture_timing = false;
  bool delimiters = false;
  bool full_range = false;
  int primaries = 2, transfer = 2, matrix = 2;
};

// Planes of 8-bit 4:2:0; u and v null: `uv` is interleaved.
struct Picture {
  const std::uint8_t* y = nullptr;
  const std::uint8_t* u = nullptr;
  const std::uint8_t* v = nullptr;
  const std::uint8_t* uv = nullptr;
  int y_pitch = 0;
  int c_pitch = 0;
};

struct Coded {
  std::vector<std::uint8_t> bytes;
  std::uint64_t time = 0;
  enum class Type { idr, i, p, b } type = Type::p;
  int quantiser = 0;
};

class PictureEncoder {
 public:
  // Null: libx264 refuses the setup.
  static std::unique_ptr<PictureEncoder> open(const EncoderSetup& setup);
  ~PictureEncoder();
  PictureEncoder(const PictureEncoder&) = delete;
  PictureEncoder& operator=(const PictureEncoder&) = delete;

  // In decoding order, later than they went in where pictures are looked ahead to.
  std::optional<Coded> encode(const Picture& picture, std::uint64_t time, bool force_idr, bool force_intra);
  std::optional<Coded> flush();
  // SPS and PPS.
  std::vector<std::uint8_t> headers() const;

 private:
  struct State;
  explicit PictureEncoder(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace vivid::stand_in
