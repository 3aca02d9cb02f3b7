// How far word times are from the voice. What is compared with: espeak-ng's own account of where marks put before the
// words are heard, and for words parted by rests the sound itself.
#include <espeak-ng/speak_lib.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>

#include "base/files.h"
#include "render/speech/narration.h"
#include "render/speech/spoken_text.h"
#include "render/speech/words.h"
#include "render/storyboard/characters.h"
#include "tests/support/temporary_folder.h"

namespace vivid::render {
namespace {

constexpr double kMedianMs = 80.0;
constexpr double kMostMs = 200.0;  // of 95 in 100

struct Sentence {
  std::string language;
  std::string text;
};

const std::vector<Sentence> kNumbersAndAbbreviations{
    {"en", "In 1492, 3.14 and 1,234,567 apples cost $25.50 on Dr. Smith's 42nd day."},
    {"en", "The 3 x 4 grid has 12 cells, i.e. 5% of 240; see Fig. 2.1 on p. 7."},
    {"en", "At 9:30 a.m. it was 20 °C, 68 °F; 3/4 of 6 H₂O boils at 100."},
    {"en", "Rock-n-roll: \"well-known\" (yes) it's 10-20 dogs, 1990s and $5."},
    {"en", "v = 3 m/s and E = mc² holds, F = 10 N, e.g. NASA vs. ESA etc. in U.S. towns."},
    {"es", "En 1492 había 3,14 y 1.234.567 personas, el 25 % de la Sra. García."},
    {"es", "A las 9:30 h. hay 3/4 de 80 kg; el Dr. Pérez dijo: «20 °C», y la 2.ª vez 1999."},
    {"de", "Z. B. sind 21,5 % von 1.000 kg am 3. Oktober 1990 da."},
    {"fr", "Aujourd'hui, l'an 1789 compte 12,5 % de l'eau, c'est-à-dire 99 litres."},
};

std::vector<double> mark_seconds;
int rate_hz = 0;

extern "C" int on_marks(short*, int, espeak_EVENT* events) noexcept {
  for (; events->type != espeakEVENT_LIST_TERMINATED; ++events) {
    if (events->type != espeakEVENT_MARK) continue;
    const auto index = static_cast<std::size_t>(std::atoi(events->id.name));
    if (index < mark_seconds.size() && mark_seconds[index] < 0) {
      mark_seconds[index] = static_cast<double>(events->sample) / rate_hz;
    }
  }
  return 0;
}

std::string escaped(char32_t c) {
  if (c == '<') return "&lt;";
  if (c == '>') return "&gt;";
  if (c == '&') return "&amp;";
  std::string out;
  append_utf8(out, c);
  return out;
}

// Where espeak-ng says each word begins; below 0: it does not say.
std::vector<double> marked_times(const std::string& text, const std::string& language) {
  const SpokenText spoken = to_spoken(text, language);
  const auto words = split_words(text);
  std::string marked;
  std::size_t next = 0;
  std::size_t character = 0;
  for (std::size_t at = 0; at < spoken.text.size(); ++character) {
    const CodePoint c = code_point_at(spoken.text, at);
    if (next < words.size() && spoken.origins[character] >= words[next].offset && !is_space(c.value)) {
      marked += "<mark name=\"" + std::to_string(next++) + "\"/>";
    }
    marked += escaped(c.value);
    at += c.length;
  }
  mark_seconds.assign(words.size(), -1.0);
  espeak_SetSynthCallback(on_marks);
  espeak_Synth(marked.c_str(), marked.size() + 1, 0, POS_CHARACTER, 0, espeakCHARS_UTF8 | espeakSSML, nullptr, nullptr);
  return mark_seconds;
}

// Milliseconds between each word's time and its mark.
void compare(const Sentence& sentence, std::vector<double>& errors) {
  auto engine = make_speech_engine({"espeak", sentence.language, 165, {}});
  ASSERT_TRUE(engine.has_value()) << engine.error().message;
  rate_hz = (*engine)->sample_rate_hz();
  const auto speech = (*engine)->speak(sentence.text);
  ASSERT_TRUE(speech.has_value());
  const std::vector<double> marks = marked_times(sentence.text, (*engine)->language());
  ASSERT_EQ(marks.size(), speech->words.size());
  for (std::size_t i = 0; i < marks.size(); ++i) {
    if (marks[i] < 0) continue;
    const double seconds = std::chrono::duration<double>(speech->words[i].start).count();
    errors.push_back(std::fabs(seconds - marks[i]) * 1'000);
    if (errors.back() > kMostMs) {
      const SpokenWord& word = speech->words[i];
      std::printf("%6.0f ms: '%s' of: %s\n", errors.back(),
                  sentence.text.substr(word.text_offset, word.text_length).c_str(), sentence.text.c_str());
    }
  }
}

void expect_within_limits(std::vector<double> errors, const std::string& of) {
  ASSERT_GT(errors.size(), 40U) << of;
  std::sort(errors.begin(), errors.end());
  const double median = errors[errors.size() / 2];
  const double most = errors[errors.size() * 95 / 100];
  std::printf("%s: %zu, median %.1f ms, 95 in 100 within %.1f ms, worst %.0f ms\n", of.c_str(), errors.size(), median,
              most, errors.back());
  EXPECT_LE(median, kMedianMs) << of;
  EXPECT_LE(most, kMostMs) << of;
}

TEST(WordTimes, FollowTheVoiceThroughNumbersAndAbbreviations) {
  std::vector<double> errors;
  for (const Sentence& sentence : kNumbersAndAbbreviations) compare(sentence, errors);
  expect_within_limits(errors, "numbers and abbreviations");
}

TEST(WordTimes, FollowTheVoiceInEverySample) {
  std::vector<double> errors;
  for (const char* name : {"script-newton-basketball.json", "script-photosynthesis-text-only.json",
                           "script-respiracion-es.json", "storyboard-newton-full.json", "storyboard-arabic-rtl.json"}) {
    const auto text = read_file(std::string(VIVID_SOURCE_DIR) + "/samples/" + name, kMaxInputBytes);
    const Storyboard board = parse_storyboard(*text).value();
    for (const Scene& scene : board.scenes) {
      for (const Utterance& utterance : scene.narration) compare({board.language, utterance.text}, errors);
    }
  }
  expect_within_limits(errors, "samples");
}

// Where sound begins after at least 30 ms without any.
std::vector<double> onsets(const std::vector<std::int16_t>& samples, int rate) {
  const auto piece = static_cast<std::size_t>(rate / 200);
  std::vector<double> found;
  int silent = 100;
  for (std::size_t at = 0; at + piece <= samples.size(); at += piece) {
    const bool heard = std::any_of(samples.begin() + static_cast<std::ptrdiff_t>(at),
                                   samples.begin() + static_cast<std::ptrdiff_t>(at + piece),
                                   [](std::int16_t sample) { return std::abs(sample) > 300; });
    if (heard && silent >= 6) found.push_back(static_cast<double>(at) / rate);
    silent = heard ? 0 : silent + 1;
  }
  return found;
}

TEST(WordTimes, AgreeWithTheSoundWhereWordsAreParted) {
  std::vector<double> errors;
  const std::vector<Sentence> sentences{
      {"en", "One, 1492, 3.14, Dr. Miller, 1,234,567, 25%, e.g. lemons, 42nd, mine, 7, 19:45, $5, November."},
      {"es", "Uno, 1492, 3,14, Sra. Molina, 1.234.567, 25 %, luna, 2.ª, mano, 7, 19:45, 80 kg, noviembre."}};
  for (const Sentence& sentence : sentences) {
    auto engine = make_speech_engine({"espeak", sentence.language, 165, {}});
    const auto speech = (*engine)->speak(sentence.text);
    ASSERT_TRUE(speech.has_value());
    const auto heard = onsets(speech->samples, (*engine)->sample_rate_hz());
    for (std::size_t i = 1; i < speech->words.size(); ++i) {
      const SpokenWord& before = speech->words[i - 1];
      if (sentence.text[before.text_offset + before.text_length - 1] != ',') continue;
      const double seconds = std::chrono::duration<double>(speech->words[i].start).count();
      double nearest = 10.0;
      for (const double onset : heard) nearest = std::min(nearest, std::fabs(onset - seconds));
      errors.push_back(nearest * 1'000);
    }
  }
  ASSERT_GT(errors.size(), 18U);
  std::sort(errors.begin(), errors.end());
  std::printf("parted words: %zu, median %.1f ms, worst %.0f ms\n", errors.size(), errors[errors.size() / 2],
              errors.back());
  EXPECT_LE(errors[errors.size() / 2], kMedianMs);
  EXPECT_LE(errors.back(), kMostMs);
}

TEST(WordTimes, IdeographsHaveTimesOfTheirOwn) {
  const auto engine = make_speech_engine({"espeak", "zh", 165, {}});
  ASSERT_TRUE(engine.has_value());
  const auto speech = (*engine)->speak("水在100度沸腾。");
  ASSERT_TRUE(speech.has_value());
  ASSERT_EQ(speech->words.size(), 6U);
  const auto start = [&](std::size_t i) { return std::chrono::duration<double>(speech->words[i].start).count(); };
  for (std::size_t i = 1; i < 6; ++i) EXPECT_GT(start(i), start(i - 1) + 0.1) << i;
}

TEST(WordTimes, CaptionsAppearWithTheirFirstWords) {
  std::vector<double> errors;
  for (const char* name : {"script-newton-basketball.json", "script-photosynthesis-text-only.json",
                           "script-respiracion-es.json", "storyboard-newton-full.json", "storyboard-arabic-rtl.json"}) {
    const auto text = read_file(std::string(VIVID_SOURCE_DIR) + "/samples/" + name, kMaxInputBytes);
    const Storyboard board = parse_storyboard(*text).value();
    auto engine = make_speech_engine({"espeak", board.language, 165, {}});
    const test::TemporaryFolder folder;
    const auto narration = narrate(board, **engine, folder.path(), {});
    ASSERT_TRUE(narration.has_value());
    for (const Caption& caption : make_captions(*narration)) {
      double nearest = 10'000.0;
      for (const SpokenUtterance& utterance : narration->utterances) {
        for (const SpokenWord& word : utterance.words) {
          const std::string shown = utterance.text.substr(word.text_offset, word.text_length);
          if (!caption.lines.front().starts_with(shown)) continue;
          nearest = std::min(nearest,
                             std::fabs(std::chrono::duration<double, std::milli>(caption.start - word.start).count()));
        }
      }
      errors.push_back(nearest);
    }
  }
  expect_within_limits(errors, "captions");
}

}  // namespace
}  // namespace vivid::render
