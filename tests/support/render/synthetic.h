// Pictures and sounds made by arithmetic, for tests of what is done to them.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "render/compose/composer.h"
#include "tests/support/temporary_folder.h"

namespace vivid::render::synthetic {

using Folder = test::TemporaryFolder;

// A dark picture with a bright bar whose place is `step`.
class Picture {
 public:
  Picture(int width_px, int height_px) : width_px_(width_px), height_px_(height_px) {
    luma_.resize(static_cast<std::size_t>(width_px) * height_px);
    chroma_.resize(luma_.size() / 4, 128);
  }
  ComposedFrame show(int step, bool held = false) {
    std::fill(luma_.begin(), luma_.end(), std::uint8_t{30});
    for (int y = 0; y < height_px_; ++y) {
      const int x = (step * 8) % (width_px_ - 16);
      std::memset(luma_.data() + static_cast<std::size_t>(y) * width_px_ + x, 200, 16);
    }
    return ComposedFrame{{{luma_.data(), chroma_.data(), chroma_.data()},
                          {width_px_, width_px_ / 2, width_px_ / 2},
                          width_px_,
                          height_px_},
                         held};
  }
  // All of one brightness.
  ComposedFrame flat(std::uint8_t brightness, bool held = false) {
    ComposedFrame frame = show(0, held);
    std::fill(luma_.begin(), luma_.end(), brightness);
    return frame;
  }

 private:
  int width_px_;
  int height_px_;
  std::vector<std::uint8_t> luma_;
  std::vector<std::uint8_t> chroma_;
};

inline std::vector<std::int16_t> tone(int rate_hz, int samples, double pitch_hz = 440.0) {
  std::vector<std::int16_t> sound(static_cast<std::size_t>(samples));
  for (std::size_t i = 0; i < sound.size(); ++i) {
    sound[i] = static_cast<std::int16_t>(12'000 * std::sin(2 * M_PI * pitch_hz * static_cast<double>(i) / rate_hz));
  }
  return sound;
}

inline void write_wav(const std::filesystem::path& path, int rate_hz, const std::vector<std::int16_t>& samples,
                      std::uint16_t channels = 1) {
  std::ofstream out(path, std::ios::binary);
  const auto put = [&out](auto value) { out.write(reinterpret_cast<const char*>(&value), sizeof value); };
  const auto data_bytes = static_cast<std::uint32_t>(samples.size() * 2);
  out << "RIFF";
  put(data_bytes + 36);
  out << "WAVEfmt ";
  put(std::uint32_t{16});
  put(std::uint16_t{1});
  put(channels);
  put(static_cast<std::uint32_t>(rate_hz));
  put(static_cast<std::uint32_t>(rate_hz * 2 * channels));
  put(static_cast<std::uint16_t>(2 * channels));
  put(std::uint16_t{16});
  out << "data";
  put(data_bytes);
  out.write(reinterpret_cast<const char*>(samples.data()), static_cast<std::streamsize>(data_bytes));
}

}  // namespace vivid::render::synthetic
