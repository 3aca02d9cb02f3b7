#include "contender.h"

namespace vivid::bench {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> self_command(const Settings& settings, const Timeline& timeline, const fs::path& self,
                                      const std::string& what) {
  return {self,
          "--do",
          what,
          "--in",
          timeline.folder,
          "--preset",
          settings.preset,
          "--crf",
          std::to_string(settings.crf),
          "--threads",
          std::to_string(settings.threads),
          "--size",
          settings.size()};
}

Command play(const Settings& settings, const Timeline& timeline, const fs::path& self) {
  return {self_command(settings, timeline, self, "play"), timeline.folder / "play.log", {}};
}

}  // namespace

Contender bare_encoder(const Settings& settings, const Timeline& timeline, const fs::path& self) {
  Contender contender;
  contender.name = "bare libx264";
  contender.video = timeline.folder / "bare.h264";
  contender.encode = {self_command(settings, timeline, self, "encode"), timeline.folder / "bare.log", {}};
  contender.encode.arguments.insert(contender.encode.arguments.end(), {"--out", contender.video});
  contender.uncompressed = play(settings, timeline, self);
  return contender;
}

Contender vivid_render(const Settings& settings, const Timeline& timeline, const fs::path& self,
                       const fs::path& program) {
  Contender contender;
  contender.name = "vivid-render";
  const fs::path out = timeline.folder / "vivid";
  contender.video = out / "video.mp4";
  contender.encode = {{program,
                       timeline.storyboard,
                       "--output",
                       out,
                       "--encoder",
                       "libx264",
                       "--hardware",
                       "never",
                       "--speech",
                       "none",
                       "--words-per-minute",
                       std::to_string(kWordsPerMinute),
                       "--preset",
                       settings.preset,
                       "--crf",
                       std::to_string(settings.crf),
                       "--threads",
                       std::to_string(settings.threads),
                       "--keyframe-seconds",
                       std::to_string(settings.keyframe_seconds),
                       "--size",
                       settings.size(),
                       "--captions",
                       "off",
                       "--formats",
                       "none",
                       "--json"},
                      timeline.folder / "vivid.log",
                      timeline.folder / "vivid.json"};
  if (!timeline.assets.empty()) {
    contender.encode.arguments.insert(contender.encode.arguments.end(), {"--assets", timeline.assets});
  }
  contender.uncompressed = play(settings, timeline, self);
  return contender;
}

}  // namespace vivid::bench
