#include "render/sound/saved_master.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "base/files.h"

namespace vivid::render {
namespace {

constexpr std::uint64_t kMostBytes = 64 * 1024;

}  // namespace

Status save_master(const SavedMaster& master, const std::filesystem::path& file) {
  nlohmann::json saved = {{"gain_db", master.plan.gain_db}, {"ceiling_dbtp", master.plan.ceiling_dbtp}};
  if (master.recipe.music) {
    const MusicFacts& music = *master.recipe.music;
    VIVID_ASSIGN(const FileFacts facts, describe_file(music.path));
    saved["music"] = {{"path", music.path.string()},
                      {"sha256", facts.sha256},
                      {"frames", music.frames},
                      {"loudness_lufs", music.loudness_lufs},
                      {"open_db", master.plan.bed.open_db},
                      {"ducked_db", master.plan.bed.ducked_db}};
  }
  return write_file_durably(file, saved.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

Result<SavedMaster> load_master(const std::filesystem::path& file, const std::filesystem::path& narration_wav,
                                const Narration& narration) {
  VIVID_ASSIGN(const std::string text, read_file(file, kMostBytes));
  SavedMaster master{{narration_wav, narration, std::nullopt}, {}};
  std::string sha256;
  try {
    const nlohmann::json saved = nlohmann::json::parse(text);
    saved.at("gain_db").get_to(master.plan.gain_db);
    saved.at("ceiling_dbtp").get_to(master.plan.ceiling_dbtp);
    if (saved.contains("music")) {
      const nlohmann::json& music = saved.at("music");
      MusicFacts facts;
      facts.path = music.at("path").get<std::string>();
      music.at("frames").get_to(facts.frames);
      music.at("loudness_lufs").get_to(facts.loudness_lufs);
      music.at("open_db").get_to(master.plan.bed.open_db);
      music.at("ducked_db").get_to(master.plan.bed.ducked_db);
      music.at("sha256").get_to(sha256);
      master.recipe.music = std::move(facts);
    }
  } catch (const nlohmann::json::exception& problem) {
    return fail(ErrorCode::data_corrupt, file.string() + ": " + problem.what());
  }
  if (master.recipe.music) {
    const std::filesystem::path& path = master.recipe.music->path;
    VIVID_ASSIGN(const FileFacts facts, describe_file(path));
    if (facts.sha256 != sha256) {
      return fail(ErrorCode::data_corrupt, path.filename().string() + " has changed since the lesson was spoken");
    }
  }
  return master;
}

}  // namespace vivid::render
