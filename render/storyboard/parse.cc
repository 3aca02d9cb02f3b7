#include <cmath>
#include <nlohmann/json.hpp>

#include "render/storyboard/characters.h"
#include "render/storyboard/document.h"
#include "render/storyboard/fields.h"
#include "render/storyboard/forms.h"
#include "render/storyboard/language.h"
#include "render/storyboard/storyboard.h"

namespace vivid::render {
namespace {

constexpr double kMaxSceneSeconds = 3'600;
constexpr std::chrono::milliseconds kDefaultDuration{5'000};

}  // namespace

std::string read_language(const Fields& fields, std::string_view otherwise) {
  const std::string given = fields.text("language");
  if (given.empty()) return std::string(otherwise);
  if (const auto tag = canonical_language(given)) return *tag;
  fields.problem("language", "\"" + clipped(given, 40) + "\" is not allowed; a BCP 47 tag such as en or pt-BR is");
  return std::string(otherwise);
}

std::chrono::milliseconds read_duration(const Fields& fields) {
  const double seconds = fields.number("duration_seconds", 0, kMaxSceneSeconds).value_or(0);
  const std::chrono::milliseconds duration(std::llround(seconds * 1'000));
  return duration.count() == 0 ? kDefaultDuration : duration;
}

Result<Storyboard> parse_storyboard(std::string_view text, std::string_view language) {
  Report report;
  VIVID_ASSIGN(const Document document, find_document(text, report));
  const Fields root(*document.value, "", report);
  const bool has_scenes = root.has("scenes");
  const bool has_sections = root.has("sections");
  if (!has_scenes && !has_sections) {
    report.problem("", "neither a script nor a storyboard; an array named sections or scenes is required");
    return tl::make_unexpected(report.to_error("input"));
  }
  if (has_scenes && has_sections) report.warning("/sections", "left out: the scenes say what is shown");
  Storyboard board = has_scenes ? read_scenes(root, language) : read_script(root, language);
  if (report.has_problems()) return tl::make_unexpected(report.to_error(has_scenes ? "storyboard" : "script"));
  int number = 0;
  for (Scene& scene : board.scenes) scene.number = ++number;
  board.warnings = report.warnings();
  return board;
}

}  // namespace vivid::render
