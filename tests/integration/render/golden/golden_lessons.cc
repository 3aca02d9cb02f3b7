#include "golden_lessons.h"

#include <utility>

#include "samples.h"

namespace vivid::render::testing {
namespace {

constexpr std::pair<Subject, const char*> kSubjects[] = {
    {Subject::physics, "physics"}, {Subject::math, "math"},       {Subject::chemistry, "chemistry"},
    {Subject::biology, "biology"}, {Subject::history, "history"}, {Subject::literature, "literature"},
    {Subject::other, "other"}};

class Collection {
 public:
  RenderOptions options = usual();

  // A picture of each scene; scenes are named as the words of `names`.
  void add(const std::string& lesson_name, const std::vector<std::string>& names, std::vector<Scene> scenes,
           Subject subject = Subject::physics, const std::string& language = "en") {
    const Storyboard lesson = storyboard_of(std::move(scenes), subject, language);
    for (std::size_t i = 0; i < lesson.scenes.size(); ++i) {
      all.push_back({lesson_name + "-" + names.at(i), lesson, static_cast<int>(i), options});
    }
  }

  // A quarter of a small video's picture: enough to see a line that moves, little to keep.
  static RenderOptions usual() {
    RenderOptions options;
    options.width_px = 480;
    options.height_px = 270;
    options.equations.command.clear();  // as text, whatever is installed
    return options;
  }

  std::vector<Golden> all;
};

Scene diagram(const std::string& title, const std::string& down, const std::string& up) {
  Scene scene = scene_of(SceneKind::diagram, title);
  scene.annotations = {arrow(down, "red", {0.45, 0.45}, {0.45, 0.75}),
                       arrow(up, "blue", {0.55, 0.75}, {0.55, 0.45}),
                       {AnnotationKind::highlight, "", "gold", {0.3, 0.75}, {0.7, 0.85}}};
  return scene;
}

std::vector<Scene> kinds() {
  Scene equation = scene_of(SceneKind::equation, "Laws in symbols");
  equation.equations = {"F = m a", "E_k = m v^2"};
  return {scene_of(SceneKind::text, "Forces come in pairs",
                   "Whenever one object pushes on another, the second object pushes back just as hard, in the opposite "
                   "direction. You never find a \"single force\" on its own."),
          scene_of(SceneKind::bullets, "What Newton's third law says", {},
                   {"Equal in strength", "Opposite in direction", "On different objects"}),
          diagram("Push and push back", "Action: push down", "Reaction: push up"),
          scene_of(SceneKind::comparison, "Mass vs. weight", {},
                   {"How much matter there is", "The same everywhere", "The pull of gravity", "Smaller on the Moon"}),
          std::move(equation)};
}

std::vector<Scene> few() {
  return {scene_of(SceneKind::title, "Newton's Third Law on the Court",
                   "Why does a basketball bounce back up when nobody touches it?"),
          scene_of(SceneKind::takeaways, "Key takeaways", {},
                   {"Every force has an equal and opposite partner", "The partners act on different objects",
                    "Pushing down is how you go up"})};
}

std::vector<Scene> long_ones() {
  std::string story;
  for (int i = 1; i <= 40; ++i) story += "Sentence number " + std::to_string(i) + " tells a little more of the story. ";
  std::vector<std::string> points;
  for (int i = 1; i <= 17; ++i) points.push_back("Point " + std::to_string(i) + " is made here");
  return {scene_of(SceneKind::text, "A long story", story), scene_of(SceneKind::bullets, "Many points", {}, points)};
}

void add_scripts(Collection& to) {
  to.add("arabic", {"title", "points", "comparison", "diagram"},
         {scene_of(SceneKind::title, "دورة الماء في الطبيعة", "يتبخر الماء ثم يتكاثف ثم يهطل."),
          scene_of(SceneKind::takeaways, "أهم النقاط", {}, {"التبخر (evaporation)", "التكاثف", "الهطول: H₂O"}),
          scene_of(SceneKind::comparison, "الجليد vs. البخار", {}, {"صلب", "بارد", "غاز", "حار"}),
          diagram("القوى تأتي أزواجا", "الفعل", "رد الفعل")},
         Subject::chemistry, "ar");
  to.add("hebrew", {"points"}, {scene_of(SceneKind::takeaways, "שלום עולם", {}, {"הכוח שווה", "כיוון הפוך"})},
         Subject::math, "he");
  to.add("devanagari", {"text"},
         {scene_of(SceneKind::text, "जल चक्र", "सूर्य की गर्मी से समुद्र का जल वाष्प बनकर ऊपर उठता है।")}, Subject::biology,
         "hi");
  to.add("thai", {"points"},
         {scene_of(SceneKind::bullets, "วัฏจักรของน้ำ", {}, {"การระเหยเป็นไอ", "การควบแน่น", "หยาดน้ำฟ้าที่ตกลงสู่พื้นดิน"})},
         Subject::biology, "th");
  to.add("chinese", {"title"}, {scene_of(SceneKind::title, "牛顿第三定律", "作用力与反作用力大小相等、方向相反。")},
         Subject::history, "zh");
  to.add("japanese", {"points"},
         {scene_of(SceneKind::bullets, "ニュートンの第三法則", {},
                   {"大きさは等しい", "向きは反対", "別々の物体にはたらく"})},
         Subject::history, "ja");
  to.add("emoji", {"points"},
         {scene_of(SceneKind::bullets, "Emoji & marks 🌧️", {},
                   {"Evaporation ☀️ → 💧 → ☁️", "Tiếng Việt: nước bốc hơi",
                    "e\u0301 a\u0308 n\u0303 q\u0307\u0323"})});
  to.add("german", {"title", "points"},
         {scene_of(SceneKind::title, "Donaudampfschifffahrtsgesellschaftskapitän", "Ein Wort, das kaum aufhört."),
          scene_of(SceneKind::bullets, "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz", {},
                   {"Kraftfahrzeughaftpflichtversicherungsgesellschaftsangestelltenverordnung", "Wärme"})},
         Subject::literature, "de");
}

void add_preferences(Collection& to) {
  const std::vector<std::string> kind_names{"text", "points", "diagram", "comparison", "equation"};
  to.options.high_contrast = true;
  to.add("high-contrast", {"title", "takeaways"}, few());
  to.add("high-contrast", kind_names, kinds(), Subject::math);
  to.options = Collection::usual();
  to.options.font_scale = 2.0;
  to.add("large", {"title", "takeaways"}, few());
  to.add("large", kind_names, kinds());
  to.options.font_scale = 0.75;
  to.add("small", {"title", "takeaways"}, few());
  to.options = Collection::usual();
  to.options.watermark = "Free plan";
  to.options.progress_line = true;
  to.add("marked", {"title", "takeaways"}, few(), Subject::history);
  to.options = Collection::usual();
}

}  // namespace

std::vector<Golden> goldens() {
  Collection collection;
  for (const auto& [subject, name] : kSubjects) collection.add(name, {"title", "takeaways"}, few(), subject);
  collection.add("latin", {"text", "points", "diagram", "comparison", "equation"}, kinds());
  collection.add("long", {"text", "points"}, long_ones());
  Scene light = few()[1];
  light.background = "#f4efe6";
  Scene grey = few()[1];
  grey.background = "#777777";
  collection.add("background", {"light", "grey"}, {light, grey});
  add_scripts(collection);
  add_preferences(collection);
  return std::move(collection.all);
}

}  // namespace vivid::render::testing
