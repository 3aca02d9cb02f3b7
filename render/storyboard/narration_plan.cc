#include "render/storyboard/narration_plan.h"

#include <algorithm>
#include <set>
#include <string>

#include "render/storyboard/characters.h"
#include "render/storyboard/math_spans.h"
#include "render/storyboard/sentences.h"

namespace vivid::render {
namespace {

constexpr std::size_t kMaxSentencesAsBullets = 6;
constexpr std::size_t kMaxBulletColumns = 180;

std::size_t columns(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = code_point_at(text, at);
    count += is_wide(c.value) ? 3 : 1;
    at += c.length;
  }
  return count;
}

std::set<std::string> words_of(std::string_view text) {
  std::set<std::string> out;
  std::string word;
  for (std::size_t at = 0; at <= text.size();) {
    const CodePoint c = code_point_at(text, at);
    if (c.length > 0 && is_word_character(c.value)) {
      append_utf8(word, c.value >= 'A' && c.value <= 'Z' ? c.value - 'A' + 'a' : c.value);
    } else if (!word.empty()) {
      out.insert(std::move(word));
      word.clear();
    }
    at += std::max<std::size_t>(c.length, 1);
  }
  return out;
}

// "in", "of": words too short to tell one sentence from another.
bool tells(const std::set<std::string>& words) {
  return std::any_of(words.begin(), words.end(), [](const std::string& word) { return word.size() >= 4; });
}

}  // namespace

void say(Scene& scene, std::string_view text, std::chrono::milliseconds pause_after, int bullet) {
  const std::string plain = without_tex(text);
  const auto sentences = split_sentences(plain);
  for (const std::string_view sentence : sentences) {
    scene.narration.push_back(Utterance{std::string(sentence), kPauseAfterSentence, bullet});
  }
  if (!sentences.empty()) scene.narration.back().pause_after = pause_after;
}

bool reads_better_as_bullets(const std::vector<std::string_view>& sentences) {
  if (sentences.size() < 2 || sentences.size() > kMaxSentencesAsBullets) return false;
  return std::all_of(sentences.begin(), sentences.end(),
                     [](std::string_view sentence) { return columns(sentence) <= kMaxBulletColumns; });
}

void link_bullets(Scene& scene) {
  std::vector<std::size_t> spoken_by;
  std::size_t next = 0;
  for (const std::string& bullet : scene.bullets) {
    const auto wanted = words_of(without_tex(bullet));
    if (!tells(wanted)) return;
    while (next < scene.narration.size()) {
      const auto said = words_of(scene.narration[next].text);
      if (std::includes(said.begin(), said.end(), wanted.begin(), wanted.end())) break;
      ++next;
    }
    if (next == scene.narration.size()) return;
    spoken_by.push_back(next++);
  }
  for (std::size_t i = 0; i < spoken_by.size(); ++i) scene.narration[spoken_by[i]].bullet = static_cast<int>(i);
}

}  // namespace vivid::render
