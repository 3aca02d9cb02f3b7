#include "render/storyboard/forms.h"
#include "render/storyboard/narration_plan.h"
#include "render/storyboard/phrases.h"
#include "render/storyboard/sentences.h"
#include "render/storyboard/subject.h"

namespace vivid::render {
namespace {

// A title that nobody reads out stands for this long.
constexpr std::chrono::milliseconds kSilentTitle{3'000};
// The title and the takeaways are scenes too.
constexpr std::size_t kMaxSections = kMaxScenes - 2;

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty()) out += separator;
    out += part;
  }
  return out;
}

Scene title_scene(const std::string& title, const std::string& hook) {
  Scene scene;
  scene.kind = SceneKind::title;
  scene.title = title;
  scene.body = hook;
  scene.planned_duration = kSilentTitle;
  say(scene, hook, kPauseAfterHook);
  return scene;
}

Scene section_scene(const Fields& section) {
  Scene scene;
  scene.title = section.text("title", Need::present);
  const std::string content = section.text("content", Need::present);
  const auto visuals = section.texts("visuals", kMaxListItems);
  scene.visual_description = joined(visuals, "; ");
  scene.planned_duration = read_duration(section);
  if (section.has("title") && section.has("content") && scene.title.empty() && content.empty() && visuals.empty()) {
    section.report().problem(section.pointer(), "says nothing; a title, content or visuals are required");
  }
  say(scene, scene.title, kPauseAfterTitle);
  const auto sentences = split_sentences(content);
  if (!reads_better_as_bullets(sentences)) {
    scene.kind = SceneKind::text;
    scene.body = content;
    say(scene, content, kPauseAfterContent);
    return scene;
  }
  scene.kind = SceneKind::bullets;
  for (const std::string_view sentence : sentences) {
    const int bullet = static_cast<int>(scene.bullets.size());
    scene.bullets.emplace_back(sentence);
    say(scene, sentence, kPauseAfterSentence, bullet);
  }
  scene.narration.back().pause_after = kPauseAfterContent;
  return scene;
}

Scene takeaways_scene(const std::vector<std::string>& takeaways, const Phrases& phrases) {
  Scene scene;
  scene.kind = SceneKind::takeaways;
  scene.title = phrases.takeaways;
  scene.bullets = takeaways;
  say(scene, phrases.let_us_review, kPauseAfterTitle);
  for (std::size_t i = 0; i < takeaways.size(); ++i) {
    say(scene, takeaways[i], kPauseAfterTakeaway, static_cast<int>(i));
  }
  return scene;
}

}  // namespace

Storyboard read_script(const Fields& root, std::string_view language) {
  Storyboard board;
  board.title = root.text("title", Need::non_empty);
  board.topic_id = root.text("topic_id");
  board.interest = root.text("interest");
  board.language = read_language(root, language);
  board.subject = subject_of(board.topic_id);
  root.text("script_id");
  root.number("duration_estimate_seconds", 0, 86'400);
  board.scenes.push_back(title_scene(board.title, root.text("hook")));
  root.objects("sections", 1, kMaxSections,
               [&](const Fields& section) { board.scenes.push_back(section_scene(section)); });
  board.key_points = root.texts("key_takeaways", kMaxListItems);
  if (!board.key_points.empty()) {
    board.scenes.push_back(takeaways_scene(board.key_points, phrases_for(board.language)));
  }
  return board;
}

}  // namespace vivid::render
