#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "render/storyboard/characters.h"
#include "render/storyboard/forms.h"
#include "render/storyboard/narration_plan.h"
#include "render/storyboard/subject.h"

namespace vivid::render {
namespace {

template <typename Enum, std::size_t Count>
using Names = std::array<std::pair<std::string_view, Enum>, Count>;

constexpr Names<SceneKind, 9> kVisualTypes{{{"title", SceneKind::title},
                                            {"bullets", SceneKind::bullets},
                                            {"text", SceneKind::text},
                                            {"diagram_with_arrows", SceneKind::diagram},
                                            {"side_by_side_comparison", SceneKind::comparison},
                                            {"image", SceneKind::image},
                                            {"equation", SceneKind::equation},
                                            {"takeaways", SceneKind::takeaways},
                                            // Nobody is animated here: what the scene says is shown.
                                            {"animated_character", SceneKind::text}}};
constexpr Names<Motion, 5> kMotions{{{"none", Motion::none},
                                     {"zoom_in", Motion::zoom_in},
                                     {"zoom_out", Motion::zoom_out},
                                     {"pan_left", Motion::pan_left},
                                     {"pan_right", Motion::pan_right}}};
constexpr Names<Transition, 5> kTransitions{{{"cut", Transition::cut},
                                             {"crossfade", Transition::crossfade},
                                             {"slide", Transition::slide},
                                             {"wipe", Transition::wipe},
                                             {"dissolve", Transition::dissolve}}};
constexpr Names<AnnotationKind, 3> kAnnotations{
    {{"arrow", AnnotationKind::arrow}, {"label", AnnotationKind::label}, {"highlight", AnnotationKind::highlight}}};

template <typename Enum, std::size_t Count>
const Enum* find_name(const Names<Enum, Count>& names, std::string_view text) {
  const auto found = std::find_if(names.begin(), names.end(), [&](const auto& row) { return row.first == text; });
  return found == names.end() ? nullptr : &found->second;
}

std::string quoted(std::string_view text) { return "\"" + clipped(text, 60) + "\""; }

// A name that is not known reads as `fallback`, with a warning: looks never fail a job.
template <typename Enum, std::size_t Count>
Enum read_name(const Fields& fields, std::string_view key, const Names<Enum, Count>& names, Enum fallback) {
  const std::string text = fields.text(key);
  if (text.empty()) return fallback;
  if (const Enum* value = find_name(names, text)) return *value;
  fields.warning(key, quoted(text) + " is not known; " + std::string(names[0].first) + " is used");
  return fallback;
}

bool is_hex(std::string_view digits) {
  return std::all_of(digits.begin(), digits.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); });
}

// "#abc" → "#aabbcc"; empty for what is no colour.
std::string hex_color(std::string_view text) {
  if (text.empty() || text[0] != '#' || !is_hex(text.substr(1))) return {};
  if (text.size() == 7) return std::string(text);
  if (text.size() != 4) return {};
  std::string out = "#";
  for (const char digit : text.substr(1)) out.append(2, digit);
  return out;
}

std::string read_color(const Fields& fields) {
  const std::string text = fields.text("color");
  if (std::string hex = hex_color(text); !hex.empty()) return hex;
  const bool name = text.size() <= 30 && std::all_of(text.begin(), text.end(), [](char c) {
                      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
                    });
  if (name) return text;
  fields.warning("color", quoted(text) + " is neither a colour name nor #rrggbb; the theme's is used");
  return {};
}

// gs:// objects and files below the asset root can be shown; anything else (another scheme, a path that leaves the
// root) cannot.
bool names_an_asset(std::string_view text) {
  if (text.starts_with("gs://")) return text.size() > 5;
  std::string_view path = text;
  if (path.starts_with("asset:")) path.remove_prefix(6);
  const bool escapes = path.starts_with('/') || path == ".." || path.starts_with("../") || path.ends_with("/..") ||
                       path.find("/../") != std::string_view::npos;
  return !path.empty() && !escapes && path.find(':') == std::string_view::npos &&
         path.find('\n') == std::string_view::npos;
}

std::string read_background(const Fields& fields) {
  const std::string text = fields.text("background");
  if (text.empty()) return {};
  if (std::string hex = hex_color(text); !hex.empty()) return hex;
  const bool file = text.starts_with("gs://") || text.starts_with("asset:") || text.find('.') != std::string::npos ||
                    text.find('/') != std::string::npos;
  if (file && names_an_asset(text)) return text;
  fields.warning("background",
                 quoted(text) + " is no #rrggbb, gs:// object or file below the asset root; the theme's is used");
  return {};
}

std::string read_image(const Fields& fields) {
  const std::string text = fields.text("image");
  if (text.empty() || names_an_asset(text)) return text;
  fields.warning("image", quoted(text) + " is no gs:// object or file below the asset root; no image is shown");
  return {};
}

Point to_point(const std::optional<std::pair<double, double>>& given, Point otherwise) {
  return given.has_value() ? Point{given->first, given->second} : otherwise;
}

std::vector<Annotation> read_annotations(const Fields& fields) {
  std::vector<Annotation> out;
  fields.objects("annotations", 0, kMaxListItems, [&](const Fields& item) {
    // Where nobody says where, rows down the frame.
    const double row = 0.3 + 0.1 * static_cast<double>(out.size() % 6);
    Annotation annotation;
    annotation.label = item.text("label");
    annotation.color = read_color(item);
    annotation.from = to_point(item.point("from"), Point{0.3, row});
    annotation.to = to_point(item.point("to"), item.has("from") ? annotation.from : Point{0.7, row});
    const std::string type = item.text("type", Need::non_empty);
    if (const AnnotationKind* kind = find_name(kAnnotations, type)) {
      annotation.kind = *kind;
      out.push_back(std::move(annotation));
    } else if (!type.empty()) {
      item.warning("type", quoted(type) + " is not known; left out");
    }
  });
  return out;
}

// What a scene without a (known) type shows is what it has.
SceneKind kind_by_content(const Scene& scene) {
  if (!scene.equations.empty()) return SceneKind::equation;
  if (!scene.image.empty()) return SceneKind::image;
  if (!scene.annotations.empty()) return SceneKind::diagram;
  if (!scene.bullets.empty()) return SceneKind::bullets;
  return SceneKind::text;
}

bool lacks_its_content(const Scene& scene) {
  switch (scene.kind) {
    case SceneKind::image:
      return scene.image.empty();
    case SceneKind::equation:
      return scene.equations.empty();
    case SceneKind::bullets:
    case SceneKind::takeaways:
      return scene.bullets.empty();
    default:
      return false;
  }
}

SceneKind read_kind(const Fields& fields, const Scene& scene) {
  const std::string type = fields.text("visual_type");
  const SceneKind* known = find_name(kVisualTypes, type);
  if (type == "animated_character") {
    fields.warning("visual_type", "animated characters are not drawn; what the scene says is shown");
  } else if (known == nullptr && !type.empty()) {
    fields.warning("visual_type", quoted(type) + " is not known; a plain scene is shown");
  }
  if (known == nullptr || *known == SceneKind::text) return kind_by_content(scene);
  return *known;
}

Scene read_scene(const Fields& fields, const std::string& lesson_title, std::size_t position) {
  Scene scene;
  const auto number = fields.number("scene_number", 0, 1'000'000);
  if (number.has_value() && *number != static_cast<double>(position)) {
    fields.warning("scene_number", "scenes are shown in the order given; this is number " + std::to_string(position));
  }
  scene.text_overlay = fields.text("text_overlay");
  scene.bullets = fields.texts("bullets", kMaxListItems);
  scene.equations = fields.texts("equations", kMaxListItems, true);
  scene.annotations = read_annotations(fields);
  scene.image = read_image(fields);
  scene.background = read_background(fields);
  scene.visual_description = fields.text("visual_description");
  scene.motion = read_name(fields, "motion", kMotions, Motion::none);
  scene.transition = read_name(fields, "transition", kTransitions, Transition::crossfade);
  scene.planned_duration = read_duration(fields);
  const std::string narration = fields.text("narration");
  say(scene, narration, kPauseAfterContent);
  link_bullets(scene);
  scene.kind = read_kind(fields, scene);
  if (lacks_its_content(scene)) {
    scene.kind = kind_by_content(scene);
    fields.warning("visual_type", "the scene has nothing of this type to show; a plain scene is shown");
  }
  if (scene.kind == SceneKind::title) {
    scene.title = scene.text_overlay.empty() ? lesson_title : scene.text_overlay;
    scene.text_overlay.clear();
  }
  if (scene.kind == SceneKind::text && scene.text_overlay.empty()) scene.body = narration;
  return scene;
}

}  // namespace

Storyboard read_scenes(const Fields& root, std::string_view language) {
  Storyboard board;
  board.language = language;
  if (const auto metadata = root.object("metadata")) {
    board.title = metadata->text("topic_title");
    board.topic_id = metadata->text("topic_id");
    board.interest = metadata->text("interest");
    board.language = read_language(*metadata, language);
    board.music = metadata->text("music");
    metadata->number("duration_seconds", 0, 86'400);
  }
  board.subject = subject_of(board.topic_id);
  root.objects("scenes", 1, kMaxScenes, [&](const Fields& scene) {
    board.scenes.push_back(read_scene(scene, board.title, board.scenes.size() + 1));
  });
  board.key_points = root.texts("key_concepts", kMaxListItems);
  if (board.title.empty() && !board.scenes.empty()) {
    const Scene& first = board.scenes.front();
    board.title = first.title.empty() ? first.text_overlay : first.title;
  }
  if (board.title.empty()) {
    board.title = board.topic_id.empty() ? "Untitled" : board.topic_id;
    root.report().warning("/metadata/topic_title", "is missing; the lesson is called \"" + board.title + "\"");
  }
  return board;
}

}  // namespace vivid::render
