#include "render/layout/page_layers.h"

#include <gtest/gtest.h>

namespace vivid::render {
namespace {

Element text_at(double x, double y, const std::string& text, int step = 0) {
  Element element;
  element.box = {x, y, 600, 80};
  element.text = text;
  element.color = kWhite;
  element.step = step;
  return element;
}

Element card_at(double x, double y, int step = 0) {
  Element element;
  element.kind = ElementKind::card;
  element.box = {x, y, 700, 100};
  element.fill = kBlack;
  element.color = kWhite;
  element.step = step;
  return element;
}

Element arrow_at(double x, double y) {
  Element element;
  element.kind = ElementKind::arrow;
  element.from = {x, y};
  element.to = {x + 200, y};
  element.color = kWhite;
  return element;
}

std::vector<PageLayer> split(std::vector<Element> elements) {
  const TextEngine engine("en");
  Page page;
  page.elements = std::move(elements);
  return split_page(engine, theme_for(Subject::physics), page);
}

TEST(PageLayers, KeepTogetherWhatLiesOnOneAnother) {
  const auto layers = split({card_at(100, 100), text_at(120, 110, "On it"), text_at(100, 500, "Elsewhere")});
  ASSERT_EQ(layers.size(), 2U);
  EXPECT_EQ(layers[0].elements, (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(layers[1].elements, (std::vector<std::size_t>{2}));
}

TEST(PageLayers, PartWhatAppearsAtDifferentTimes) {
  const auto layers = split({card_at(100, 100), text_at(120, 110, "Later", 1), text_at(120, 120, "Once more")});
  ASSERT_EQ(layers.size(), 3U);
  EXPECT_EQ(layers[1].step, 1);
  EXPECT_EQ(layers[2].elements, (std::vector<std::size_t>{2}));
}

TEST(PageLayers, LetArrowsBeDrawnAlone) {
  const auto layers = split({card_at(100, 100), arrow_at(150, 150), text_at(120, 110, "Over it")});
  ASSERT_EQ(layers.size(), 3U);
  EXPECT_FALSE(layers[0].draws_on);
  EXPECT_TRUE(layers[1].draws_on);
  EXPECT_FALSE(layers[2].draws_on);
}

TEST(PageLayers, AreTheSameIfTheyLookTheSame) {
  const auto one = split({text_at(100, 100, "Words"), arrow_at(100, 500)});
  const auto other = split({arrow_at(100, 500), text_at(100, 100, "Words", 1)});
  EXPECT_EQ(one[0].identity, other[1].identity);
  EXPECT_EQ(one[1].identity, other[0].identity);
  EXPECT_NE(one[0].identity, split({text_at(100, 101, "Words")})[0].identity);
  EXPECT_NE(one[0].identity, split({text_at(100, 100, "Word")})[0].identity);
}

TEST(PageLayers, HaveInkWhereSomethingIsDrawn) {
  const auto layers = split({text_at(100, 100, "Words"), arrow_at(300, 500), text_at(0, 0, "")});
  ASSERT_EQ(layers.size(), 2U);
  EXPECT_TRUE((Rect{90, 90, 300, 120}).contains(layers[0].ink));
  EXPECT_GT(layers[0].ink.width, 60);
  EXPECT_TRUE((Rect{280, 450, 240, 100}).contains(layers[1].ink));
}

}  // namespace
}  // namespace vivid::render
