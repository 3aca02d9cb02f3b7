// Where a label and the voice say the same: labels are shorter than sentences and inflected otherwise ("Reaction: push
// up" for "the floor pushes up on you"), so words count as the same if one begins with the other.
#include <algorithm>
#include <string>
#include <string_view>

#include "render/compose/cues.h"

namespace vivid::render {
namespace {

using std::chrono::microseconds;

// As many spoken words as belong together.
constexpr std::size_t kReach = 5;
constexpr std::size_t kShortestStem = 3;

// Letters and digits of any script: what is not ASCII is taken for a letter.
bool is_letter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words(1);
  for (const char raw : text) {
    const char c = raw >= 'A' && raw <= 'Z' ? static_cast<char>(raw - 'A' + 'a') : raw;
    if (is_letter(c)) {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

bool same_word(std::string_view a, std::string_view b) {
  if (a == b) return true;
  return std::min(a.size(), b.size()) >= kShortestStem && (a.starts_with(b) || b.starts_with(a));
}

struct Heard {
  std::string word;
  microseconds start{0};
};

std::vector<Heard> heard_in(int scene, const Narration& narration) {
  std::vector<Heard> heard;
  for (const SpokenUtterance& utterance : narration.utterances) {
    if (utterance.scene != scene) continue;
    for (const SpokenWord& spoken : utterance.words) {
      const std::string_view text(utterance.text);
      const std::size_t offset = std::min(spoken.text_offset, text.size());
      for (std::string& word : words_of(text.substr(offset, spoken.text_length)))
        heard.push_back({std::move(word), spoken.start});
    }
  }
  return heard;
}

// How many of the label's words are among those heard from `at` on, which is one of them itself.
std::size_t score(const std::vector<std::string>& label, const std::vector<Heard>& heard, std::size_t at) {
  const auto is_heard = [&](const std::string& word, std::size_t i) { return same_word(word, heard[i].word); };
  const std::size_t end = std::min(heard.size(), at + kReach);
  std::size_t found = 0;
  bool begins = false;
  for (const std::string& word : label) {
    bool known = false;
    for (std::size_t i = at; i < end && !known; ++i) known = is_heard(word, i);
    begins = begins || is_heard(word, at);
    found += known ? 1 : 0;
  }
  return begins ? found : 0;
}

}  // namespace

std::vector<std::optional<microseconds>> find_mentions(const Scene& scene, int index, const Narration& narration) {
  std::vector<std::optional<microseconds>> mentions(scene.annotations.size());
  if (mentions.empty()) return mentions;
  const std::vector<Heard> heard = heard_in(index, narration);
  for (std::size_t i = 0; i < mentions.size(); ++i) {
    const std::vector<std::string> label = words_of(scene.annotations[i].label);
    std::size_t best = 0;
    for (std::size_t at = 0; at < heard.size(); ++at) {
      const std::size_t found = score(label, heard, at);
      if (found <= best) continue;
      best = found;
      // Half of a label is enough, less may be chance.
      if (2 * found >= label.size()) mentions[i] = heard[at].start;
    }
  }
  return mentions;
}

}  // namespace vivid::render
