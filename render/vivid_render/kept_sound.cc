#include "render/vivid_render/kept_sound.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/files.h"
#include "render/package/audio_feed.h"
#include "render/sound/track_key.h"
#include "render/spans/span_key.h"

namespace vivid::render {
namespace {

using nlohmann::json;

// Longer sound, of more than an hour, is not kept: it is held in memory while it is.
constexpr std::uint64_t kMostBytes = std::uint64_t{64} << 20;

// Packets alone, whatever the lesson is called: what is kept, and what files are made of.
std::filesystem::path bare_path(const std::filesystem::path& path) {
  return path.parent_path() / ("." + path.stem().string() + "-packets.m4a");
}

json levels_json(const SoundLevels& levels) {
  return {levels.loudness_before_lufs, levels.loudness_lufs, levels.true_peak_before_dbtp, levels.true_peak_dbtp,
          levels.gain_db};
}

std::string facts_of(const SoundFile& file) {
  const MasterPlan& plan = file.plan;
  json facts = {{"gain_db", plan.gain_db},
                {"ceiling_dbtp", plan.ceiling_dbtp},
                {"open_db", plan.bed.open_db},
                {"ducked_db", plan.bed.ducked_db},
                {"warnings", file.warnings}};
  // Silence has none.
  if (std::isfinite(plan.true_peak_dbtp)) facts["true_peak_dbtp"] = plan.true_peak_dbtp;
  if (plan.loudness_lufs) facts["loudness_lufs"] = *plan.loudness_lufs;
  if (file.levels) facts["levels"] = levels_json(*file.levels);
  return facts.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<SoundFile> file_from(std::string_view text) {
  SoundFile file;
  try {
    const json facts = json::parse(text);
    facts.at("gain_db").get_to(file.plan.gain_db);
    facts.at("ceiling_dbtp").get_to(file.plan.ceiling_dbtp);
    facts.at("open_db").get_to(file.plan.bed.open_db);
    facts.at("ducked_db").get_to(file.plan.bed.ducked_db);
    file.plan.true_peak_dbtp = facts.value("true_peak_dbtp", -std::numeric_limits<double>::infinity());
    facts.at("warnings").get_to(file.warnings);
    if (facts.contains("loudness_lufs")) file.plan.loudness_lufs = facts.at("loudness_lufs").get<double>();
    if (facts.contains("levels")) {
      const auto levels = facts.at("levels").get<std::vector<double>>();
      file.levels = SoundLevels{levels.at(0), levels.at(1), levels.at(2), levels.at(3), levels.at(4)};
    }
  } catch (const std::exception&) {
    return std::nullopt;
  }
  return file;
}

// Facts in one line, and the packets.
std::optional<SoundFile> take(SpanCache& cache, const std::string& key, const std::filesystem::path& to) {
  const auto kept = cache.get(key);
  if (!kept) return std::nullopt;
  const std::string_view text(reinterpret_cast<const char*>(kept->data()), kept->size());
  const std::size_t line = text.find('\n');
  auto file = line == std::string_view::npos ? std::nullopt : file_from(text.substr(0, line));
  if (!file) {
    cache.discard(key);
    return std::nullopt;
  }
  if (!write_file_durably(to, text.substr(line + 1)).has_value()) return std::nullopt;
  return file;
}

void keep(SpanCache& cache, const std::string& key, const SoundFile& file, const std::filesystem::path& from) {
  const auto packets = read_file(from, kMostBytes);
  if (!packets.has_value()) return;
  const std::string text = facts_of(file) + "\n" + *packets;
  cache.put(key, std::as_bytes(std::span(text)));
}

std::optional<std::string> key_of(const SoundRecipe& recipe) {
  const auto sound = sound_track_key(recipe);
  if (!sound.has_value()) return std::nullopt;
  auto key = keyed_by_program("sound\n" + *sound);
  if (!key.has_value()) return std::nullopt;
  return std::move(*key);
}

Result<SoundFile> take_or_make(const SoundRecipe& recipe, const std::filesystem::path& bare, SpanCache* cache,
                               const SoundProgress& progress) {
  const std::optional<std::string> key = cache == nullptr ? std::nullopt : key_of(recipe);
  if (key) {
    if (auto kept = take(*cache, *key, bare)) return std::move(*kept);
  }
  Mp4Options options;
  options.path = bare;
  VIVID_ASSIGN(SoundFile file, write_sound_file(recipe, options, progress));
  if (key) keep(*cache, *key, file, bare);
  return file;
}

Status put_into_file(const std::filesystem::path& bare, const Mp4Options& options) {
  VIVID_ASSIGN(AudioFeed feed, AudioFeed::open(bare));
  VIVID_ASSIGN(const auto writer, Mp4Writer::open(options, nullptr, feed.track()));
  VIVID_TRY(feed.finish(*writer));
  return writer->finish();
}

}  // namespace

Result<SoundFile> make_sound_file(const SoundRecipe& recipe, const Mp4Options& options, SpanCache* cache,
                                  const SoundProgress& progress) {
  const std::filesystem::path bare = bare_path(options.path);
  auto file = take_or_make(recipe, bare, cache, progress);
  const Status written = file.has_value() ? put_into_file(bare, options) : Status{};
  std::error_code ignored;
  std::filesystem::remove(bare, ignored);
  VIVID_TRY(written);
  return file;
}

}  // namespace vivid::render
