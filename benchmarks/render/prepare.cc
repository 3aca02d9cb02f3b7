#include "prepare.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

namespace vivid::bench {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

Json read_timeline(const Settings& settings, const std::string& name) {
  const fs::path path = fs::path(VIVID_SOURCE_DIR) / "benchmarks/render" / (name + ".json");
  Json timeline = Json::parse(text_of(path), nullptr, false);
  if (!timeline.is_object()) give_up("no timeline in " + path.string());
  Json scenes = Json::array();
  double seconds = 0.0;
  for (const Json& scene : timeline["scenes"]) {
    seconds += scene.value("duration_seconds", 0.0);
    if (settings.seconds > 0 && seconds > settings.seconds && !scenes.empty()) break;
    scenes.push_back(scene);
  }
  timeline["scenes"] = scenes;
  return timeline;
}

void make_pictures(const Json& scenes, const fs::path& folder, const fs::path& self) {
  for (std::size_t i = 0; i < scenes.size(); ++i) {
    const fs::path raw = folder / "picture.ppm";
    run({{self, "--do", "picture", "--number", std::to_string(i + 1), "--out", raw}, folder / "pictures.log", {}});
    run({{"ffmpeg", "-v", "error", "-nostdin", "-y", "-i", raw, folder / scenes[i].value("image", "")},
         folder / "pictures.log",
         {}});
    fs::remove(raw);
  }
}

}  // namespace

Timeline prepare(const Settings& settings, const std::string& name, const fs::path& folder, const fs::path& self) {
  Timeline timeline;
  timeline.name = name;
  timeline.folder = folder;
  timeline.storyboard = folder / "storyboard.json";
  const Json storyboard = read_timeline(settings, name);
  const Json& scenes = storyboard["scenes"];
  std::ofstream(timeline.storyboard) << storyboard.dump(1) << "\n";
  timeline.edited = folder / "edited_storyboard.json";
  Json edited = storyboard;
  edited["scenes"][scenes.size() / 2]["text_overlay"] = "Said in another way";
  std::ofstream(timeline.edited) << edited.dump(1) << "\n";
  timeline.scenes = static_cast<int>(scenes.size());
  timeline.moves =
      std::any_of(scenes.begin(), scenes.end(), [](const Json& scene) { return scene.contains("motion"); });
  if (timeline.moves) {
    timeline.assets = folder;
    make_pictures(scenes, folder, self);
  }
  run({{self, "--do", "compose", "--in", folder, "--size", settings.size()}, folder / "compose.log", {}});
  timeline.reference = load_reference(folder);
  timeline.work = load_work(folder);
  return timeline;
}

}  // namespace vivid::bench
