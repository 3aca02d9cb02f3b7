// What is to be shown and said: the storyboard that both kinds of input, script and storyboard, become.
//
// Threads: values. Errors: invalid_input, all problems of an input in one message, each with its JSON pointer.
#pragma once

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace vivid::render {

enum class Subject { physics, math, chemistry, biology, history, literature, other };
enum class SceneKind { title, bullets, text, diagram, comparison, image, equation, takeaways };
enum class Motion { none, zoom_in, zoom_out, pan_left, pan_right };
enum class Transition { cut, crossfade, slide, wipe, dissolve };
enum class AnnotationKind { arrow, label, highlight };

// Fractions of the frame, origin top left, 0 … 1.
struct Point {
  double x = 0.0;
  double y = 0.0;
};

struct Annotation {
  AnnotationKind kind = AnnotationKind::label;
  std::string label;
  std::string color;  // CSS name or #rrggbb
  Point from;
  Point to;
};

// One thing the voice says, and how long it rests afterwards.
struct Utterance {
  std::string text;
  std::chrono::milliseconds pause_after{0};
  // Index of the bullet that this utterance speaks; -1: none.
  int bullet = -1;
};

struct Scene {
  int number = 0;  // from 1, in order
  SceneKind kind = SceneKind::text;
  std::string title;  // heading, or the big line of a title scene
  std::string body;   // running text
  std::vector<std::string> bullets;
  std::vector<std::string> equations;
  std::vector<Annotation> annotations;
  std::string image;       // as named in the input; empty: none
  std::string background;  // #rrggbb, an asset, or empty for the theme
  std::string text_overlay;
  std::string visual_description;
  Motion motion = Motion::none;
  Transition transition = Transition::crossfade;  // into this scene
  std::vector<Utterance> narration;
  // For a scene without narration; narration wins over it.
  std::chrono::milliseconds planned_duration{5'000};
};

struct Storyboard {
  std::string title;
  std::string topic_id;
  std::string interest;
  std::string language = "en";  // BCP 47
  // Music under the voice, as named in the input; "none": without; empty: nothing was said.
  std::string music;
  Subject subject = Subject::other;
  std::vector<Scene> scenes;
  std::vector<std::string> key_points;
  // What was understood in spite of itself: unknown visual types, named backgrounds …
  std::vector<std::string> warnings;
};

// Limits on what comes in; beyond them an input is refused.
inline constexpr std::size_t kMaxInputBytes = 2 * 1024 * 1024;
inline constexpr std::size_t kMaxScenes = 500;
inline constexpr std::size_t kMaxTextBytes = 64 * 1024;  // of one string
inline constexpr std::size_t kMaxListItems = 200;        // bullets, equations, annotations of one scene

// Finds the JSON object in `text` (bare, in ``` fences, or amid prose), decides whether it is a script or a storyboard,
// checks it whole, and lays it out as scenes. An input that names no language is in `language`, a BCP 47 tag.
Result<Storyboard> parse_storyboard(std::string_view text, std::string_view language = "en");

// The JSON object itself, cut out of fences and prose.
Result<std::string> extract_json_object(std::string_view text);

// The lesson as text for reading: CommonMark.
std::string to_markdown(const Storyboard& storyboard);

}  // namespace vivid::render
