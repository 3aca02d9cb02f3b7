#include "render/spans/encoded_span.h"

#include <gtest/gtest.h>

#include <random>

namespace vivid::render {
namespace {

EncodedSpan example() {
  EncodedSpan span;
  span.headers = {1, 2, 3};
  span.frames = 5;
  span.pictures = 2;
  span.packets = {{0, -1, 1, 3}, {2, 0, 0, 2}};
  span.bytes = {9, 8, 7, 6, 5};
  return span;
}

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

TEST(EncodedSpan, ComesBackAsItWas) {
  const auto back = parse_span(bytes_of(serialise(example())));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->headers, example().headers);
  EXPECT_EQ(back->frames, 5);
  EXPECT_EQ(back->pictures, 2);
  ASSERT_EQ(back->packets.size(), 2U);
  EXPECT_EQ(back->packets[0].dts, -1);
  EXPECT_EQ(back->packets[1].pts, 2);
  EXPECT_EQ(back->bytes, example().bytes);
}

TEST(EncodedSpan, RefusesPartsOfOneAndMore) {
  const std::string whole = serialise(example());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(parse_span(bytes_of(whole.substr(0, size))).has_value()) << size;
  }
  EXPECT_FALSE(parse_span(bytes_of(whole + "x")).has_value());
}

// 10 - 5 are the 5 bytes that there are, in numbers that wrap around.
TEST(EncodedSpan, RefusesSizesThatAddUpByOverflowing) {
  EncodedSpan span = example();
  span.packets = {{0, -1, 1, 10}, {2, 0, 0, std::size_t{0} - 5}};
  EXPECT_FALSE(parse_span(bytes_of(serialise(span))).has_value());
}

TEST(EncodedSpan, ReadsAnyBytesWithoutHarm) {
  std::mt19937 random(7);
  for (int i = 0; i < 2'000; ++i) {
    std::string text = serialise(example());
    for (int change = 0; change < 4; ++change) text[random() % text.size()] = static_cast<char>(random());
    const auto span = parse_span(bytes_of(text));
    if (!span.has_value()) continue;
    std::size_t total = 0;
    for (const SpanPacket& packet : span->packets) total += packet.size_bytes;
    EXPECT_EQ(total, span->bytes.size());
  }
}

}  // namespace
}  // namespace vivid::render
