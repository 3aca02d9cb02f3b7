#include "render/storyboard/sentences.h"

#include <gtest/gtest.h>

#include <string>

namespace vivid::render {
namespace {

using Parts = std::vector<std::string_view>;

TEST(SplitSentences, EndsAtMarksAndLineEnds) {
  EXPECT_EQ(split_sentences(" One. Two!  Three?! \"Four.\" Five\nSix "),
            (Parts{"One.", "Two!", "Three?!", "\"Four.\"", "Five", "Six"}));
  EXPECT_TRUE(split_sentences(" \n ").empty());
}

TEST(SplitSentences, KeepsAbbreviationsDecimalsAndListNumbersWhole) {
  EXPECT_EQ(split_sentences("Dr. Curie measured 3.14 g, e.g. Radium. J. Thomson did not."),
            (Parts{"Dr. Curie measured 3.14 g, e.g. Radium.", "J. Thomson did not."}));
  EXPECT_EQ(split_sentences("1. Mix well. 2. Wait."), (Parts{"1. Mix well.", "2. Wait."}));
  EXPECT_EQ(split_sentences("It took approx. five days. Then it stopped."),
            (Parts{"It took approx. five days.", "Then it stopped."}));
}

TEST(SplitSentences, KnowsTheMarksOfOtherScripts) {
  EXPECT_EQ(split_sentences("水は蒸発する。「雨になる。」そして流れる。"),
            (Parts{"水は蒸発する。", "「雨になる。」", "そして流れる。"}));
  EXPECT_EQ(split_sentences("هل هذا ماء؟ نعم."), (Parts{"هل هذا ماء؟", "نعم."}));
  EXPECT_EQ(split_sentences("यह जल है। यह हवा है।"), (Parts{"यह जल है।", "यह हवा है।"}));
}

TEST(SplitSentences, PartsOverlongOnesBetweenWordsAndCharacters) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "word ";
  std::string rejoined;
  for (const auto part : split_sentences(text)) {
    EXPECT_LE(part.size(), kMaxSentenceBytes);
    EXPECT_TRUE(part.starts_with("word") && part.ends_with("word"));
    rejoined += std::string(part) + " ";
  }
  EXPECT_EQ(rejoined, text);
  std::string unspaced;
  for (int i = 0; i < 500; ++i) unspaced += "水";
  std::size_t total = 0;
  for (const auto part : split_sentences(unspaced)) {
    EXPECT_EQ(part.size() % 3, 0U);
    total += part.size();
  }
  EXPECT_EQ(total, unspaced.size());
}

}  // namespace
}  // namespace vivid::render
