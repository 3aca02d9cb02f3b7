#include <gtest/gtest.h>

#include "render/speech/caption_limits.h"
#include "render/speech/narration.h"
#include "render/speech/words.h"
#include "render/storyboard/characters.h"

namespace vivid::render {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// A narration in which every word lasts `per_word`.
Narration said(const std::vector<std::string>& texts, milliseconds per_word = milliseconds(300)) {
  Narration narration;
  microseconds at{0};
  for (const std::string& text : texts) {
    SpokenUtterance utterance;
    utterance.text = text;
    utterance.start = at;
    for (const WordSpan& span : split_words(text)) {
      utterance.words.push_back({span.offset, span.length, at, at + per_word});
      at += per_word;
    }
    utterance.end = at;
    at += milliseconds(500);
    narration.utterances.push_back(utterance);
  }
  narration.scenes = {{microseconds(0), at}};
  return narration;
}

void expect_readable(const std::vector<Caption>& captions, std::size_t most_characters) {
  microseconds free_from{0};
  for (const Caption& caption : captions) {
    EXPECT_GE(caption.start, free_from);
    EXPECT_GE(caption.end - caption.start, milliseconds(800));
    EXPECT_LE(caption.end - caption.start, milliseconds(6'000));
    EXPECT_GE(caption.lines.size(), 1U);
    EXPECT_LE(caption.lines.size(), 2U);
    for (const std::string& line : caption.lines) EXPECT_LE(count_code_points(line), most_characters) << line;
    free_from = caption.end;
  }
}

std::string text_of(const std::vector<Caption>& captions, const std::string& separator) {
  std::string out;
  for (const Caption& caption : captions) {
    for (const std::string& line : caption.lines) out += (out.empty() ? "" : separator) + line;
  }
  return out;
}

TEST(Captions, ShowEveryWordOnceInTwoLinesAtMost) {
  const std::string text =
      "To jump, you push down on the court with your legs, and the court pushes up on you with the same strength; you "
      "go up because that upward push acts on you, while your push acts on the court.";
  const auto captions = make_captions(said({text, "Short one.", "(Yes)"}));
  expect_readable(captions, 42);
  EXPECT_EQ(text_of(captions, " "), text + " Short one. (Yes)");
  EXPECT_TRUE(captions[0].lines.back().ends_with(",")) << captions[0].lines.back();
}

TEST(Captions, FollowTheWords) {
  const auto captions = make_captions(said({"One two three four five.", "Six seven eight."}));
  ASSERT_EQ(captions.size(), 2U);
  EXPECT_EQ(captions[0].start.count(), 0);
  EXPECT_EQ(captions[0].end.count(), 1'500'000);
  EXPECT_EQ(captions[1].start.count(), 2'000'000);
}

TEST(Captions, SixteenIdeographsFillALineThatBreaksAnywhere) {
  std::string text;
  for (int i = 0; i < 12; ++i) text += "水は蒸発して、";
  const auto captions = make_captions(said({text}, milliseconds(180)));
  expect_readable(captions, 16);
  EXPECT_EQ(text_of(captions, ""), text);
}

TEST(Captions, WordWiderThanALineIsCut) {
  const auto captions = make_captions(said({std::string(200, 'x')}, milliseconds(9'000)));
  EXPECT_EQ(text_of(captions, ""), std::string(200, 'x'));
  for (const Caption& caption : captions) {
    for (const std::string& line : caption.lines) EXPECT_LE(line.size(), 42U);
  }
}

TEST(Captions, HurriedWordsStayLongEnoughToRead) {
  expect_readable(make_captions(said({"No.", "Yes.", "Go.", "Stay a while and listen."}, milliseconds(100))), 42);
}

// 21 letters a second, with pauses: the time that is missing is taken from those.
TEST(Captions, StayUntilTheyAreRead) {
  const std::string text = "whatever whatever whatever whatever whatever whatever whatever whatever";
  const Narration narration = said({text, text, text}, milliseconds(420));
  const auto captions = make_captions(narration);
  expect_readable(captions, 42);
  EXPECT_EQ(count_hurried(captions), 0U);
  for (const Caption& caption : captions) EXPECT_GE(caption.end - caption.start, reading_time(caption));
}

TEST(Captions, ComeALittleLateRatherThanGoUnread) {
  const std::string text = "whatever whatever whatever whatever whatever whatever whatever whatever";
  const Narration narration = said({text + " " + text + " " + text}, milliseconds(300));
  const auto captions = make_captions(narration);
  ASSERT_EQ(captions.size(), 3U);
  EXPECT_EQ(captions[1].start, milliseconds(2'400) + kCaptionLag);
  expect_readable(captions, 42);
  EXPECT_EQ(count_hurried(captions), 3U);
}

TEST(Captions, CountMarksWithTheLettersTheyStandOn) {
  EXPECT_EQ(caption_width("e\u0301"), kLetterWidth);
  EXPECT_EQ(caption_width("น้ำ"), 2 * kLetterWidth);
  EXPECT_EQ(caption_width("水"), kWideWidth);
  EXPECT_EQ(reading_time({{}, {}, {std::string(20, 'a'), std::string(20, 'b')}}), milliseconds(2'000));
  EXPECT_EQ(reading_time({{}, {}, {"水水水水水水水水水"}}), milliseconds(1'000));
}

TEST(WebVtt, NothingInTheTextIsMarkup) {
  EXPECT_EQ(to_webvtt({{milliseconds(300), milliseconds(3'723'004), {"a < b --> c & d", "دورة الماء"}}}),
            "WEBVTT\n\n1\n00:00:00.300 --> 01:02:03.004\na &lt; b --&gt; c &amp; d\nدورة الماء\n");
  EXPECT_EQ(to_webvtt({}), "WEBVTT\n");
}

}  // namespace
}  // namespace vivid::render
