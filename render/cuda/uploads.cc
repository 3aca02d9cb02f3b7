#include "render/cuda/uploads.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace vivid::render::cuda {
namespace {

int rounded_up(int value, int unit) { return (value + unit - 1) / unit * unit; }
std::size_t rounded_up(std::size_t value) { return (value + kRowBytes - 1) / kRowBytes * kRowBytes; }

void write_samples(const std::int16_t* from, int width, int height, int pitch, std::byte* to) {
  for (int y = 0; y < height; ++y) {
    std::memcpy(to + static_cast<std::size_t>(y) * static_cast<std::size_t>(pitch) * sizeof(*from),
                from + static_cast<std::ptrdiff_t>(y) * width, static_cast<std::size_t>(width) * sizeof(*from));
  }
}

}  // namespace

Layout::Layout(int width_px, int height_px) {
  for (int plane = 0; plane < 3; ++plane) {
    width[plane] = plane == 0 ? width_px : width_px / 2;
    height[plane] = plane == 0 ? height_px : height_px / 2;
    pitch[plane] = rounded_up(width[plane], kRowBytes);
    offset[plane] = bytes;
    bytes += static_cast<std::size_t>(pitch[plane]) * static_cast<std::size_t>(height[plane]);
  }
}

Planes Layout::planes(Address address) const {
  Planes planes{};
  for (int plane = 0; plane < 3; ++plane) {
    planes.data[plane] = reinterpret_cast<std::uint8_t*>(address + offset[plane]);
    planes.pitch[plane] = pitch[plane];
  }
  return planes;
}

LayerLayout::LayerLayout(const LayerPixels& layer) {
  for (int plane = 0; plane < 3; ++plane) {
    width[plane] = plane == 0 ? layer.width : layer.width / 2;
    height[plane] = plane == 0 ? layer.height : layer.height / 2;
    pitch[plane] = rounded_up(width[plane], kLayerRun);
    const std::size_t size =
        static_cast<std::size_t>(pitch[plane]) * static_cast<std::size_t>(height[plane]) * sizeof(std::int16_t);
    color[plane] = bytes;
    bytes += rounded_up(size);
    // Both chroma planes have one alpha.
    alpha[plane] = plane == 2 ? alpha[1] : bytes;
    if (plane < 2) bytes += rounded_up(size);
  }
}

SourceLayout::SourceLayout(const CameraSource& source) {
  for (int i = 0; i < 3; ++i) {
    plane[i] = bytes;
    bytes += rounded_up(source.samples(i).size_bytes());
  }
}

template <typename Write>
Result<std::shared_ptr<const Upload>> Uploads::find(const std::shared_ptr<const void>& picture, std::size_t bytes,
                                                    Line& line, Write&& write) {
  const std::lock_guard lock(mutex_);
  for (const Known& known : known_) {
    if (known.picture == picture.get() && !known.alive.expired()) return known.upload;
  }
  forget(bytes);
  VIVID_ASSIGN(auto upload, line.bring(bytes, std::forward<Write>(write)));
  bytes_ += upload->buffer.size_bytes();
  known_.push_back({picture.get(), picture, upload});
  return upload;
}

// Those whose pictures are gone, and the oldest ones until there is room.
void Uploads::forget(std::size_t room) {
  const auto drop = [this](const Known& known) { bytes_ -= known.upload->buffer.size_bytes(); };
  std::erase_if(known_, [&](const Known& known) {
    if (!known.alive.expired()) return false;
    drop(known);
    return true;
  });
  while (!known_.empty() && bytes_ + room > most_bytes_) {
    drop(known_.front());
    known_.pop_front();
  }
}

Result<std::shared_ptr<const Upload>> Uploads::frame(const std::shared_ptr<const YuvFrame>& frame, Line& line) {
  const Layout layout(frame->width(), frame->height());
  return find(frame, layout.bytes, line, [&](std::byte* to) {
    for (int plane = 0; plane < 3; ++plane) {
      for (int y = 0; y < layout.height[plane]; ++y) {
        std::memcpy(to + layout.offset[plane] + static_cast<std::ptrdiff_t>(y) * layout.pitch[plane],
                    frame->row(plane, y), static_cast<std::size_t>(layout.width[plane]));
      }
    }
  });
}

Result<std::shared_ptr<const Upload>> Uploads::layer(const std::shared_ptr<const LayerPixels>& layer, Line& line) {
  const LayerLayout layout(*layer);
  return find(layer, layout.bytes, line, [&](std::byte* to) {
    for (int plane = 0; plane < 3; ++plane) {
      const int width = layout.width[plane];
      const int height = layout.height[plane];
      write_samples(layer->color_row(plane, 0), width, height, layout.pitch[plane], to + layout.color[plane]);
      if (plane == 2) continue;
      write_samples(layer->alpha_row(plane, 0), width, height, layout.pitch[plane], to + layout.alpha[plane]);
    }
  });
}

Result<std::shared_ptr<const Upload>> Uploads::source(const std::shared_ptr<const CameraSource>& source, Line& line) {
  const SourceLayout layout(*source);
  return find(source, layout.bytes, line, [&](std::byte* to) {
    for (int plane = 0; plane < 3; ++plane) {
      const auto samples = source->samples(plane);
      std::memcpy(to + layout.plane[plane], samples.data(), samples.size_bytes());
    }
  });
}

}  // namespace vivid::render::cuda
