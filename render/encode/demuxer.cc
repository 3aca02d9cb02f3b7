#include "render/encode/demuxer.h"

#include <string>

namespace vivid::render::av {

Result<Demuxer> open_demuxer(const std::filesystem::path& path, const char* formats) {
  Dictionary settings;
  settings.set("protocol_whitelist", "file");
  settings.set("format_whitelist", formats);
  AVFormatContext* context = nullptr;
  // The prefix keeps a name with a colon from being a protocol.
  const int opened = avformat_open_input(&context, ("file:" + path.string()).c_str(), nullptr, settings.address());
  if (opened < 0) return tl::make_unexpected(error(opened, "open " + path.string()));
  return Demuxer(context);
}

}  // namespace vivid::render::av
