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

Command vivid_command(const Settings& settings, const Timeline& timeline, const fs::path& program,
                      const fs::path& storyboard, const fs::path& out) {
  Command command{{program,
                   storyboard,
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
                  out.string() + ".log",
                  out.string() + ".json"};
  if (!timeline.assets.empty()) {
    command.arguments.insert(command.arguments.end(), {"--assets", timeline.assets});
  }
  return command;
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
  contender.encode = vivid_command(settings, timeline, program, timeline.storyboard, out);
  contender.uncompressed = play(settings, timeline, self);
  return contender;
}

Rerender rerender(const Settings& settings, const Timeline& timeline, const fs::path& program) {
  Rerender again;
  again.cache = timeline.folder / "cache";
  const std::vector<std::string> keep{"--cache", again.cache};
  again.fill = vivid_command(settings, timeline, program, timeline.storyboard, timeline.folder / "filling");
  again.fill.arguments.insert(again.fill.arguments.end(), keep.begin(), keep.end());
  const fs::path out = timeline.folder / "edited";
  again.edited.name = "vivid-render, one caption changed";
  again.edited.video = out / "video.mp4";
  again.edited.encode = vivid_command(settings, timeline, program, timeline.edited, out);
  again.edited.encode.arguments.insert(again.edited.encode.arguments.end(), keep.begin(), keep.end());
  return again;
}

}  // namespace vivid::bench
