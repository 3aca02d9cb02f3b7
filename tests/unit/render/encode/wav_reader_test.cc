#include "render/encode/wav_reader.h"

#include <gtest/gtest.h>

#include <array>

#include "tests/support/render/synthetic.h"

namespace vivid::render {
namespace {

TEST(WavReader, ReadsEverySampleInPieces) {
  const synthetic::Folder folder;
  const auto samples = synthetic::tone(22'050, 1'000);
  synthetic::write_wav(folder / "a.wav", 22'050, samples);
  auto reader = WavReader::open(folder / "a.wav");
  ASSERT_TRUE(reader.has_value()) << reader.error().describe();
  EXPECT_EQ(reader->sample_rate_hz(), 22'050);
  EXPECT_EQ(reader->sample_count(), 1'000);
  std::vector<std::int16_t> read;
  std::array<std::int16_t, 333> piece{};
  for (;;) {
    const auto count = reader->read(piece);
    ASSERT_TRUE(count.has_value());
    if (*count == 0) break;
    read.insert(read.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(*count));
  }
  EXPECT_EQ(read, samples);
}

TEST(WavReader, RefusesAFileThatEndsTooSoon) {
  const synthetic::Folder folder;
  synthetic::write_wav(folder / "a.wav", 22'050, synthetic::tone(22'050, 100));
  std::filesystem::resize_file(folder / "a.wav", 144);
  auto reader = WavReader::open(folder / "a.wav");
  ASSERT_TRUE(reader.has_value());
  std::array<std::int16_t, 100> all{};
  const auto count = reader->read(all);
  ASSERT_FALSE(count.has_value());
  EXPECT_EQ(count.error().code, ErrorCode::data_corrupt);
}

TEST(WavReader, RefusesOtherFormats) {
  const synthetic::Folder folder;
  synthetic::write_wav(folder / "stereo.wav", 22'050, synthetic::tone(22'050, 100), 2);
  std::ofstream(folder / "text.wav") << "this is not a sound at all, but it is long enough for a header";
  for (const char* name : {"stereo.wav", "text.wav"}) {
    const auto reader = WavReader::open(folder / name);
    ASSERT_FALSE(reader.has_value()) << name;
    EXPECT_EQ(reader.error().code, ErrorCode::data_corrupt);
  }
  EXPECT_EQ(WavReader::open(folder / "absent.wav").error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace vivid::render
