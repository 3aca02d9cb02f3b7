#include "render/span_cache/span_cache.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <random>
#include <thread>

#include "base/digest.h"
#include "tests/support/temporary_folder.h"

namespace vivid::render {
namespace {

namespace fs = std::filesystem;

std::string key_of(int number) {
  Sha256 digest;
  digest.update(std::as_bytes(std::span(&number, 1)));
  return digest.finish_hex();
}

// What is kept under a key follows from it, so that whoever reads knows what is right.
std::vector<std::byte> content_of(int number, std::size_t size) {
  std::vector<std::byte> bytes(size);
  std::mt19937 random(static_cast<unsigned>(number));
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

std::unique_ptr<SpanCache> open(const fs::path& folder, std::uint64_t max_bytes = 1 << 20) {
  auto cache = SpanCache::open({folder, max_bytes, 0});
  EXPECT_TRUE(cache.has_value()) << cache.error().describe();
  return std::move(*cache);
}

fs::path file_of(const fs::path& folder, int number) { return folder / key_of(number).substr(0, 2) / key_of(number); }

// Of the entries.
std::uint64_t bytes_in(const fs::path& folder) {
  std::uint64_t bytes = 0;
  for (const auto& shelf : fs::directory_iterator(folder)) {
    if (shelf.path().filename().string().size() != 2) continue;
    for (const auto& entry : fs::directory_iterator(shelf)) bytes += entry.file_size();
  }
  return bytes;
}

TEST(SpanCache, GivesBackWhatWasPut) {
  const test::TemporaryFolder folder;
  const auto cache = open(folder / "cache");
  EXPECT_FALSE(cache->get(key_of(1)).has_value());
  cache->put(key_of(1), content_of(1, 1'000));
  EXPECT_EQ(open(folder / "cache")->get(key_of(1)), content_of(1, 1'000));
  EXPECT_EQ(cache->get(key_of(1)), content_of(1, 1'000));
  EXPECT_FALSE(cache->get(key_of(2)).has_value());
  const SpanCacheCounts counts = cache->counts();
  EXPECT_EQ(counts.hits, 1);
  EXPECT_EQ(counts.misses, 2);
  EXPECT_EQ(counts.bytes_read, 1'000);
  EXPECT_EQ(counts.bytes_written, 1'000);
}

TEST(SpanCache, IsForItsOwnerAndGroupOnly) {
  const test::TemporaryFolder folder;
  open(folder / "cache")->put(key_of(1), content_of(1, 10));
  struct stat facts {};
  ASSERT_EQ(::stat(file_of(folder / "cache", 1).c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0640U);
  ASSERT_EQ(::stat((folder / "cache").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0750U);
}

TEST(SpanCache, RemovesWhatDoesNotMatchItsChecksum) {
  const test::TemporaryFolder folder;
  const auto cache = open(folder / "cache");
  for (const std::size_t at :
       {std::size_t{0}, std::size_t{40}, std::size_t{100}, std::size_t{600}, std::size_t{1'100}}) {
    cache->put(key_of(1), content_of(1, 1'000));
    const fs::path file = file_of(folder / "cache", 1);
    {
      std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
      bytes.seekg(static_cast<std::streamoff>(at));
      const char before = static_cast<char>(bytes.get());
      bytes.seekp(static_cast<std::streamoff>(at));
      bytes.put(static_cast<char>(before ^ 1));
    }
    EXPECT_FALSE(cache->get(key_of(1)).has_value()) << at;
    EXPECT_FALSE(fs::exists(file));
  }
  EXPECT_EQ(cache->counts().corrupt, 5);
  for (const std::uintmax_t size : {0, 80, 700}) {
    cache->put(key_of(1), content_of(1, 1'000));
    fs::resize_file(file_of(folder / "cache", 1), size);
    EXPECT_FALSE(cache->get(key_of(1)).has_value()) << size;
  }
  EXPECT_EQ(cache->counts().corrupt, 8);
  // An entry of another key, under this one's name.
  cache->put(key_of(2), content_of(2, 100));
  fs::create_directories(file_of(folder / "cache", 3).parent_path());
  fs::copy_file(file_of(folder / "cache", 2), file_of(folder / "cache", 3));
  EXPECT_FALSE(cache->get(key_of(3)).has_value());
}

TEST(SpanCache, LetsGoOfWhatWasNotUsedForLongest) {
  const test::TemporaryFolder folder;
  const auto cache = open(folder / "cache", 20'000);
  for (int i = 0; i < 8; ++i) {
    cache->put(key_of(i), content_of(i, 2'000));
    const timespec times[2] = {{1'000 + i, 0}, {1'000 + i, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, file_of(folder / "cache", i).c_str(), times, 0), 0);
  }
  EXPECT_TRUE(cache->get(key_of(0)).has_value());  // used now
  cache->put(key_of(100), content_of(100, 6'000));
  EXPECT_LE(bytes_in(folder / "cache"), 20'000U);
  EXPECT_TRUE(cache->get(key_of(0)).has_value());
  EXPECT_TRUE(cache->get(key_of(100)).has_value());
  EXPECT_FALSE(cache->get(key_of(1)).has_value());
  EXPECT_TRUE(cache->get(key_of(7)).has_value());
  EXPECT_GT(cache->counts().evicted, 0);
}

TEST(SpanCache, RefusesWhatItHasNoRoomFor) {
  const test::TemporaryFolder folder;
  const auto cache = open(folder / "cache", 10'000);
  cache->put(key_of(1), content_of(1, 20'000));
  EXPECT_FALSE(cache->get(key_of(1)).has_value());
  EXPECT_EQ(cache->counts().refused, 1);
  auto careful = SpanCache::open({folder / "cache", 10'000, std::uint64_t{1} << 62});
  (*careful)->put(key_of(2), content_of(2, 10));
  EXPECT_EQ((*careful)->counts().refused, 1);
  EXPECT_EQ(bytes_in(folder / "cache"), 0U);
}

// As when the disk is full: every write ends at once.
TEST(SpanCache, GoesOnWhereNothingCanBeWritten) {
  const test::TemporaryFolder folder;
  const auto cache = open(folder / "cache");
  cache->put(key_of(1), content_of(1, 100));
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{50, 50};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    cache->put(key_of(2), content_of(2, 5'000));
    const bool fine = cache->counts().refused == 1 && cache->get(key_of(1)) == content_of(1, 100) &&
                      !cache->get(key_of(2)).has_value();
    ::_exit(fine ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(fs::is_empty(folder / "cache" / ".new"));
}

TEST(SpanCache, IsClearedAndUsedOn) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(SpanCache::clear(folder / "none")->entries, 0);
  EXPECT_FALSE(fs::exists(folder / "none"));
  const auto cache = open(folder / "cache", 100'000);
  for (int number = 0; number < 5; ++number) cache->put(key_of(number), content_of(number, 1'000));
  const SpanCacheContents before = SpanCache::look_into(folder / "cache");
  EXPECT_EQ(before.entries, 5);
  EXPECT_GT(before.bytes, 5'000U);
  const auto removed = SpanCache::clear(folder / "cache");
  ASSERT_TRUE(removed.has_value());
  EXPECT_EQ(removed->entries, 5);
  EXPECT_EQ(removed->bytes, before.bytes);
  EXPECT_EQ(SpanCache::look_into(folder / "cache").entries, 0);
  EXPECT_FALSE(cache->get(key_of(1)));
  cache->put(key_of(1), content_of(1, 1'000));
  EXPECT_EQ(*cache->get(key_of(1)), content_of(1, 1'000));
}

TEST(SpanCache, CountsAnewWhenItsNumberIsLost) {
  const test::TemporaryFolder folder;
  const auto cache = open(folder / "cache", 20'000);
  for (int i = 0; i < 8; ++i) cache->put(key_of(i), content_of(i, 2'000));
  for (const char* text : {"", "none", "99999999999999999999999\n", "5"}) {
    std::ofstream(folder / "cache" / ".total") << text;
    for (int i = 0; i < 8; ++i) cache->put(key_of(1'000 + i), content_of(i, 2'000));
    EXPECT_LE(bytes_in(folder / "cache"), 20'000U) << text;
  }
}

TEST(SpanCache, MayBeRemovedWhileItIsUsed) {
  const test::TemporaryFolder folder;
  const auto cache = open(folder / "cache");
  for (int i = 0; i < 5; ++i) cache->put(key_of(i), content_of(i, 1'000));
  fs::remove_all(folder / "cache");
  EXPECT_FALSE(cache->get(key_of(1)).has_value());
  cache->put(key_of(1), content_of(1, 1'000));
  EXPECT_EQ(cache->counts().corrupt, 0);
  const auto next = open(folder / "cache");
  next->put(key_of(1), content_of(1, 1'000));
  EXPECT_TRUE(next->get(key_of(1)).has_value());
}

// Puts and gets until it is killed; ends with 1 when it reads what nobody has put.
[[noreturn]] void use_until_killed(const fs::path& folder, unsigned seed) {
  const auto cache = SpanCache::open({folder, 200'000, 0});
  if (!cache.has_value()) ::_exit(1);
  std::mt19937 random(seed);
  for (;;) {
    const int number = static_cast<int>(random() % 60);
    const std::size_t size = 1'000 + static_cast<std::size_t>(number) * 300;
    if (random() % 2 == 0) {
      (*cache)->put(key_of(number), content_of(number, size));
    } else {
      const auto content = (*cache)->get(key_of(number));
      if (content && *content != content_of(number, size)) ::_exit(1);
    }
    if ((*cache)->counts().corrupt > 0) ::_exit(2);
  }
}

TEST(SpanCache, SurvivesProcessesThatAreKilledAtAnyInstant) {
  const test::TemporaryFolder folder;
  const fs::path cache = folder / "cache";
  std::mt19937 random(11);
  for (unsigned round = 0; round < 12; ++round) {
    std::vector<pid_t> children;
    for (unsigned i = 0; i < 4; ++i) {
      const pid_t child = ::fork();
      if (child == 0) use_until_killed(cache, round * 4 + i);
      children.push_back(child);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + random() % 60));
    for (const pid_t child : children) {
      ::kill(child, SIGKILL);
      int status = 0;
      ASSERT_EQ(::waitpid(child, &status, 0), child);
      EXPECT_TRUE(WIFSIGNALED(status)) << "ended by itself with " << WEXITSTATUS(status);
    }
    EXPECT_LE(bytes_in(cache), 200'000U);
  }
  // Whoever comes next finds it in order.
  const auto after = open(cache, 200'000);
  for (int number = 0; number < 60; ++number) {
    const std::size_t size = 1'000 + static_cast<std::size_t>(number) * 300;
    const auto content = after->get(key_of(number));
    if (!content) continue;
    EXPECT_EQ(*content, content_of(number, size));
  }
  EXPECT_EQ(after->counts().corrupt, 0);
}

}  // namespace
}  // namespace vivid::render
