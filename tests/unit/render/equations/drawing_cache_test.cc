#include "render/equations/drawing_cache.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "tests/support/temporary_folder.h"

namespace vivid::render {
namespace {

std::string key(int number) {
  const std::string digits = std::to_string(number);
  return "ab" + std::string(62 - digits.size(), '0') + digits;
}

TEST(DrawingCache, KeepsWhatIsPut) {
  const test::TemporaryFolder folder;
  DrawingCache(folder.path() / "made").put(key(1), "answer");
  EXPECT_EQ(DrawingCache(folder.path() / "made").find(key(1)), "answer");
  EXPECT_EQ(DrawingCache(folder.path() / "made").find(key(2)), std::nullopt);
}

TEST(DrawingCache, WithoutAFolderKeepsNothing) {
  const DrawingCache cache({});
  cache.put(key(1), "answer");
  EXPECT_EQ(cache.find(key(1)), std::nullopt);
}

TEST(DrawingCache, TakesDamageForAbsence) {
  const test::TemporaryFolder folder;
  const DrawingCache cache(folder.path());
  const auto file = folder.path() / "ab" / key(1);
  for (const std::string damage : {"", "short", "changed", "cut"}) {
    cache.put(key(1), "answer");
    ASSERT_EQ(cache.find(key(1)), "answer");
    std::ifstream in(file);
    std::string text((std::istreambuf_iterator<char>(in)), {});
    if (damage == "changed") text.back() = 'R';
    if (damage == "cut") text.pop_back();
    std::ofstream(file, std::ios::trunc) << (damage.empty() || damage == "short" ? damage : text);
    EXPECT_EQ(cache.find(key(1)), std::nullopt) << damage;
  }
}

TEST(DrawingCache, DropsTheOldestWhereThereAreTooMany) {
  const test::TemporaryFolder folder;
  const DrawingCache cache(folder.path());
  const auto now = std::filesystem::file_time_type::clock::now();
  const int most = static_cast<int>(kMostAnswersInFolder);
  for (int i = 0; i < most + 5; ++i) {
    cache.put(key(i), "answer");
    std::filesystem::last_write_time(folder.path() / "ab" / key(i),
                                     now - std::chrono::hours(100) + std::chrono::hours(i));
  }
  const std::filesystem::directory_iterator files(folder.path() / "ab");
  EXPECT_EQ(std::distance(begin(files), end(files)), most);
  EXPECT_EQ(cache.find(key(4)), std::nullopt);
  EXPECT_EQ(cache.find(key(5)), "answer");
  EXPECT_EQ(cache.find(key(most + 4)), "answer");
}

TEST(DrawingCache, LeavesOutWhatIsTooLarge) {
  const test::TemporaryFolder folder;
  const DrawingCache cache(folder.path());
  cache.put(key(1), std::string(kMostAnswerBytes + 1, 'x'));
  EXPECT_EQ(cache.find(key(1)), std::nullopt);
}

}  // namespace
}  // namespace vivid::render
