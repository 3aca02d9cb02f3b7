#include "render/speech/narration.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "base/files.h"
#include "tests/support/temporary_folder.h"

namespace vivid::render {
namespace {

using std::chrono::microseconds;

class NarrationTest : public testing::Test {
 protected:
  std::vector<std::int16_t> samples() const {
    const auto wav = read_file(directory_ / "narration.wav", 1U << 30U);
    EXPECT_TRUE(wav.has_value());
    std::vector<std::int16_t> out((wav->size() - 44) / 2);
    std::memcpy(out.data(), wav->data() + 44, out.size() * 2);
    return out;
  }

  const test::TemporaryFolder folder_;
  const std::filesystem::path& directory_ = folder_.path();
};

std::unique_ptr<SpeechEngine> engine_for(const std::string& engine, const std::string& language = "en") {
  auto made = make_speech_engine({engine, language, 165, {}});
  EXPECT_TRUE(made.has_value()) << made.error().message;
  return std::move(*made);
}

Storyboard sample(const std::string& name) {
  const auto text = read_file(std::string(VIVID_SOURCE_DIR) + "/samples/" + name, kMaxInputBytes);
  return parse_storyboard(*text).value();
}

double loudness(const std::vector<std::int16_t>& samples, int rate_hz, microseconds from, microseconds to) {
  const auto index = [&](microseconds time) { return static_cast<std::size_t>(time.count() * rate_hz / 1'000'000); };
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t i = index(from); i < std::min(index(to), samples.size()); ++i, ++count) {
    sum += static_cast<double>(samples[i]) * samples[i];
  }
  return count == 0 ? 0 : std::sqrt(sum / static_cast<double>(count));
}

void expect_ordered(const Narration& narration) {
  microseconds at{0};
  for (const SpokenUtterance& utterance : narration.utterances) {
    EXPECT_GE(utterance.start, at) << utterance.text;
    at = utterance.start;
    for (const SpokenWord& word : utterance.words) {
      EXPECT_GE(word.start, at) << utterance.text;
      EXPECT_GE(word.end, word.start);
      EXPECT_LE(word.end, utterance.end);
      EXPECT_LE(word.text_offset + word.text_length, utterance.text.size());
      at = word.start;
    }
    at = utterance.end;
  }
  EXPECT_LE(at, narration.duration());
}

TEST_F(NarrationTest, EverySampleIsSpokenInOrderAndWithinTheSound) {
  for (const char* name :
       {"script-newton-basketball.json", "script-photosynthesis-text-only.json", "script-respiracion-es.json",
        "storyboard-arabic-rtl.json", "script-fenced-by-the-model.txt"}) {
    const Storyboard board = sample(name);
    const auto engine = engine_for("espeak", board.language);
    const auto narration = narrate(board, *engine, directory_, {});
    ASSERT_TRUE(narration.has_value()) << narration.error().message;
    EXPECT_TRUE(narration->warnings.empty()) << name;
    EXPECT_EQ(narration->scenes.size(), board.scenes.size());
    expect_ordered(*narration);
    const auto sound = samples();
    EXPECT_EQ(static_cast<std::int64_t>(sound.size()), narration->samples);
    for (const SpokenUtterance& utterance : narration->utterances) {
      ASSERT_FALSE(utterance.words.empty()) << utterance.text;
      EXPECT_GT(loudness(sound, narration->sample_rate_hz, utterance.start, utterance.end), 300) << utterance.text;
    }
  }
}

TEST_F(NarrationTest, WordsBeginWhereTheVoiceSaysThem) {
  Storyboard board;
  board.scenes.resize(1);
  board.scenes[0].narration = {{"Stop, stop, stop, stop.", std::chrono::milliseconds(500), -1}};
  const auto engine = engine_for("espeak");
  const auto narration = narrate(board, *engine, directory_, {});
  ASSERT_TRUE(narration.has_value());
  const auto sound = samples();
  const auto& words = narration->utterances[0].words;
  ASSERT_EQ(words.size(), 4U);
  for (std::size_t i = 1; i < words.size(); ++i) {
    // The comma before it is a rest; the word is not.
    const int rate = narration->sample_rate_hz;
    const double before = loudness(sound, rate, words[i].start - std::chrono::milliseconds(40), words[i].start);
    const double within = loudness(sound, rate, words[i].start, words[i].start + std::chrono::milliseconds(350));
    EXPECT_LT(before * 10, within) << i;
  }
}

TEST_F(NarrationTest, PausesAndSilentScenesLastExactlyAsPlanned) {
  Storyboard board;
  board.scenes.resize(3);
  board.scenes[0].planned_duration = std::chrono::milliseconds(2'500);
  board.scenes[1].narration = {{"One two three.", std::chrono::milliseconds(700), -1}};
  board.scenes[2].narration = {{"…", std::chrono::milliseconds(0), -1}};
  board.scenes[2].planned_duration = std::chrono::milliseconds(4'000);
  const auto engine = engine_for("none");
  const auto narration = narrate(board, *engine, directory_, {});
  ASSERT_TRUE(narration.has_value());
  EXPECT_EQ(narration->scenes[0].start.count(), 0);
  EXPECT_EQ(narration->scenes[0].end.count(), 2'500'000);
  EXPECT_EQ(narration->scenes[1].start, narration->scenes[0].end);
  EXPECT_EQ(narration->utterances[0].start.count(), 2'800'000);
  EXPECT_NEAR(static_cast<double>((narration->scenes[1].end - narration->utterances[0].end).count()), 700'000, 50);
  EXPECT_NEAR(static_cast<double>((narration->scenes[2].end - narration->scenes[2].start).count()), 4'000'000, 50);
  EXPECT_EQ(narration->samples, static_cast<std::int64_t>(samples().size()));
}

TEST_F(NarrationTest, FileOfTimesReadsBackWhole) {
  const Storyboard board = sample("script-newton-basketball.json");
  const auto engine = engine_for("none");
  std::vector<std::int64_t> seen;
  const auto narration = narrate(board, *engine, directory_, [&](std::int64_t done, std::int64_t) {
    seen.push_back(done);
    return true;
  });
  ASSERT_TRUE(narration.has_value());
  EXPECT_EQ(seen.size(), narration->utterances.size() + 1);
  const auto loaded = load_narration(directory_);
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  EXPECT_EQ(loaded->samples, narration->samples);
  EXPECT_EQ(loaded->characters, narration->characters);
  EXPECT_EQ(loaded->voice, "none");
  EXPECT_EQ(loaded->language, "en");
  EXPECT_EQ(loaded->duration(), narration->duration());
  ASSERT_EQ(loaded->utterances.size(), narration->utterances.size());
  const auto& word = loaded->utterances.back().words.back();
  EXPECT_EQ(word.start, narration->utterances.back().words.back().start);
  EXPECT_EQ(word.text_offset, narration->utterances.back().words.back().text_offset);
}

TEST_F(NarrationTest, BrokenFileOfTimesIsCorruptAndMissingOneNotFound) {
  EXPECT_EQ(load_narration(directory_).error().code, ErrorCode::not_found);
  ASSERT_TRUE(write_file_durably(directory_ / "narration.json", "{\"samples\":\"x\"}").has_value());
  EXPECT_EQ(load_narration(directory_).error().code, ErrorCode::data_corrupt);
}

TEST_F(NarrationTest, StoppedNarrationLeavesNoFile) {
  const Storyboard board = sample("script-newton-basketball.json");
  const auto engine = engine_for("none");
  const auto narration = narrate(board, *engine, directory_, [](std::int64_t done, std::int64_t) { return done < 3; });
  ASSERT_FALSE(narration.has_value());
  EXPECT_EQ(narration.error().code, ErrorCode::cancelled);
  EXPECT_TRUE(std::filesystem::is_empty(directory_));
}

TEST(SpeechEngine, LanguageWithoutAVoiceIsSpokenInEnglishAndSaysSo) {
  auto english = engine_for("espeak", "xx");
  EXPECT_EQ(english->warnings(), std::vector<std::string>{"no voice speaks 'xx'; English is spoken"});
  EXPECT_EQ(english->language(), "en");
  english.reset();
  for (const char* language : {"en", "en-GB", "es", "es-419", "fr", "de", "pt-BR", "it", "ar", "zh", "zh-TW", "zh-HK",
                               "hi", "no", "ru", "sw"}) {
    const auto engine = engine_for("espeak", language);
    EXPECT_TRUE(engine->warnings().empty()) << language;
    EXPECT_EQ(engine->language(), language);
  }
  EXPECT_EQ(engine_for("espeak", "ja")->warnings().size(), 1U);
}

struct WantedVoice {
  const char* language;
  const char* voice;
  const char* speaks;
  const char* warning;
};

TEST(SpeechEngine, VoiceIsTheOneNamedOrTheBestMatchWhichSaysSo) {
  const WantedVoice cases[] = {
      {"en", "", "espeak-ng en-us", ""},
      {"en", "en-US-Neural2-J", "espeak-ng en-us",
       "voice 'en-US-Neural2-J' is not known to espeak-ng; its en-us speaks"},
      {"en", "en-GB-Standard-B", "espeak-ng en", "voice 'en-GB-Standard-B' is not known to espeak-ng; its en speaks"},
      {"pt", "pt-BR-Wavenet-A", "espeak-ng pt-br",
       "voice 'pt-BR-Wavenet-A' is not known to espeak-ng; its pt-br speaks"},
      {"es", "es-419-Standard-A", "espeak-ng es-419",
       "voice 'es-419-Standard-A' is not known to espeak-ng; its es-419 speaks"},
      {"zh", "cmn-CN-Wavenet-A", "espeak-ng cmn", "voice 'cmn-CN-Wavenet-A' is not known to espeak-ng; its cmn speaks"},
      // The lesson's language wins over the voice's.
      {"es", "en-US-Neural2-J", "espeak-ng es", "voice 'en-US-Neural2-J' is not known to espeak-ng; its es speaks"},
      {"es", "de", "espeak-ng es", "voice 'de' does not speak 'es'; espeak-ng es speaks"},
      // espeak-ng's own names are taken as they are.
      {"en", "English (Great Britain)", "espeak-ng gmw/en", ""},
      {"en", "gmw/en-GB-scotland", "espeak-ng gmw/en-GB-scotland", ""},
      {"de", "DE", "espeak-ng gmw/de", ""},
      {"zh", "cmn", "espeak-ng sit/cmn", ""},
      // Neither a path nor a variant without a language is a voice.
      {"en", "../../../etc/passwd", "espeak-ng en-us",
       "voice '../../../etc/passwd' is not known to espeak-ng; its en-us speaks"},
      {"en", "f3", "espeak-ng en-us", "voice 'f3' is not known to espeak-ng; its en-us speaks"},
      {"en", "alloy", "espeak-ng en-us", "voice 'alloy' is not known to espeak-ng; its en-us speaks"}};
  for (const WantedVoice& wanted : cases) {
    SCOPED_TRACE(std::string(wanted.language) + " " + wanted.voice);
    auto engine = make_speech_engine({"espeak", wanted.language, 165, wanted.voice});
    ASSERT_TRUE(engine.has_value()) << engine.error().message;
    EXPECT_EQ((*engine)->voice(), wanted.speaks);
    EXPECT_EQ((*engine)->language(), wanted.language);
    const std::vector<std::string> warnings = (*engine)->warnings();
    EXPECT_EQ(warnings.empty() ? "" : warnings.front(), std::string(wanted.warning));
    EXPECT_FALSE((*engine)->speak("One two three.")->samples.empty());
  }
}

TEST(SpeechEngine, MissingLanguageAndMissingVoiceAreBothTold) {
  const auto engine = make_speech_engine({"espeak", "xx", 165, "en-GB-Standard-B"});
  ASSERT_TRUE(engine.has_value());
  EXPECT_EQ((*engine)->warnings(),
            (std::vector<std::string>{"no voice speaks 'xx'; English is spoken",
                                      "voice 'en-GB-Standard-B' is not known to espeak-ng; its en speaks"}));
}

TEST(SpeechEngine, SecondOneInAProcessIsRefusedUntilTheFirstEnds) {
  auto first = engine_for("espeak");
  EXPECT_EQ(make_speech_engine({"espeak", "en", 165, {}}).error().code, ErrorCode::resource_exhausted);
  first.reset();
  EXPECT_TRUE(make_speech_engine({"espeak", "en", 165, {}}).has_value());
}

TEST(SpeechEngine, OptionsThatCannotBeAreNamed) {
  EXPECT_EQ(make_speech_engine({"siri", "en", 165, {}}).error().message,
            "speech engine is 'siri'; espeak and none are allowed");
  EXPECT_EQ(make_speech_engine({"none", "en", 10, {}}).error().message,
            "words_per_minute is 10; 80 to 450 are allowed");
  EXPECT_EQ(make_speech_engine({"none", "../x", 165, {}}).error().code, ErrorCode::invalid_input);
}

TEST(SpeechEngine, FasterSpeechIsShorter) {
  const std::string text = "Whenever one object pushes on another, the second object pushes back just as hard.";
  for (const char* name : {"espeak", "none"}) {
    const auto slow = std::move(*make_speech_engine({name, "en", 120, {}}))->speak(text)->samples.size();
    const auto fast = std::move(*make_speech_engine({name, "en", 240, {}}))->speak(text)->samples.size();
    EXPECT_GT(static_cast<double>(slow), 1.5 * static_cast<double>(fast)) << name;
  }
}

}  // namespace
}  // namespace vivid::render
