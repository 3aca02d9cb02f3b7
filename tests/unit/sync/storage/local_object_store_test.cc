#include "sync/storage/local_object_store.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "base/files.h"
#include "tests/support/temporary_folder.h"

namespace vivid::sync {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class LocalObjectStoreTest : public testing::Test {
 protected:
  LocalObjectStoreTest() { write(file_, "the bytes of a video"); }

  static void write(const fs::path& path, const std::string& content) {
    std::ofstream(path, std::ios::binary) << content;
  }
  static std::string read(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  }
  PutRequest request(const std::string& name) const {
    PutRequest result;
    result.bucket = "vivid-media";
    result.name = name;
    result.file = file_;
    result.content_type = "video/mp4";
    result.metadata = {{"request_id", "r-1"}};
    return result;
  }
  std::size_t temporary_files() const {
    const fs::path folder = objects_ / "vivid-media" / ".tmp";
    if (!fs::exists(folder)) return 0;
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
  }

  const test::TemporaryFolder folder_;
  const fs::path& root_ = folder_.path();
  const fs::path file_ = root_ / "video.mp4";
  const fs::path objects_ = root_ / "objects";
  LocalObjectStore store_{objects_};
};

TEST_F(LocalObjectStoreTest, PutLaysTheObjectOutAsABucketWould) {
  const auto facts = store_.put(request("requests/r-1/video.mp4"));
  ASSERT_TRUE(facts) << facts.error().message;
  const fs::path object = objects_ / "vivid-media/requests/r-1/video.mp4";
  EXPECT_EQ(read(object), "the bytes of a video");
  EXPECT_EQ(facts->url, "file://" + object.string());
  const auto described = describe_file(file_);
  ASSERT_TRUE(described);
  EXPECT_EQ(facts->size_bytes, described->size_bytes);
  EXPECT_EQ(facts->sha256, described->sha256);
  EXPECT_EQ(facts->crc32c, described->crc32c);
  EXPECT_EQ(temporary_files(), 0U);
}

TEST_F(LocalObjectStoreTest, LinkIsNotPut) {
  const fs::path target = file_.parent_path() / "elsewhere";
  fs::rename(file_, target);
  fs::create_symlink(target, file_);
  EXPECT_FALSE(store_.put(request("requests/r-1/video.mp4")));
  EXPECT_FALSE(fs::exists(objects_ / "vivid-media/requests/r-1/video.mp4"));
}

TEST_F(LocalObjectStoreTest, MetadataLiesBesideTheObject) {
  ASSERT_TRUE(store_.put(request("r-1/video.mp4")));
  const auto metadata = nlohmann::json::parse(read(objects_ / "vivid-media/.meta/r-1/.video.mp4.json"));
  EXPECT_EQ(metadata["name"], "r-1/video.mp4");
  EXPECT_EQ(metadata["content_type"], "video/mp4");
  EXPECT_EQ(metadata["metadata"]["request_id"], "r-1");
  EXPECT_EQ(metadata["size_bytes"], 20);
}

TEST_F(LocalObjectStoreTest, MetadataOfOneNameDoesNotBlockAnother) {
  EXPECT_TRUE(store_.put(request("a")));
  EXPECT_TRUE(store_.put(request("a.json/b")));
  EXPECT_TRUE(store_.put(request(std::string(200, 'n'))));
}

TEST_F(LocalObjectStoreTest, MetadataThatIsNotTextDoesNotThrow) {
  PutRequest odd = request("odd");
  odd.metadata["key"] = "\xff\xfe";
  EXPECT_TRUE(store_.put(odd));
}

TEST_F(LocalObjectStoreTest, SameBytesAgainChangeNothing) {
  const auto first = store_.put(request("a/b"));
  struct stat before {};
  ASSERT_EQ(::stat((objects_ / "vivid-media/a/b").c_str(), &before), 0);
  const auto second = store_.put(request("a/b"));
  struct stat after {};
  ASSERT_EQ(::stat((objects_ / "vivid-media/a/b").c_str(), &after), 0);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->url, second->url);
  EXPECT_EQ(before.st_ino, after.st_ino);
}

TEST_F(LocalObjectStoreTest, OtherBytesReplaceTheObject) {
  ASSERT_TRUE(store_.put(request("a")));
  write(file_, "newer");
  ASSERT_TRUE(store_.put(request("a")));
  EXPECT_EQ(read(objects_ / "vivid-media/a"), "newer");
}

TEST_F(LocalObjectStoreTest, FileThatIsNotTheExpectedOneIsCorrupt) {
  PutRequest wrong = request("a");
  wrong.expected_crc32c = "AAAAAA==";
  const auto by_checksum = store_.put(wrong);
  ASSERT_FALSE(by_checksum);
  EXPECT_EQ(by_checksum.error().code, ErrorCode::data_corrupt);
  wrong = request("a");
  wrong.expected_size_bytes = 21;
  const auto by_size = store_.put(wrong);
  ASSERT_FALSE(by_size);
  EXPECT_THAT(by_size.error().message, HasSubstr("has 20 bytes; expected: 21"));
  EXPECT_FALSE(fs::exists(objects_ / "vivid-media/a"));
}

TEST_F(LocalObjectStoreTest, ExpectedFactsThatHoldAreFine) {
  const auto facts = describe_file(file_);
  ASSERT_TRUE(facts);
  PutRequest right = request("a");
  right.expected_crc32c = facts->crc32c;
  right.expected_size_bytes = facts->size_bytes;
  EXPECT_TRUE(store_.put(right));
}

TEST_F(LocalObjectStoreTest, FileThatChangesWhileItIsCopiedIsNotPublished) {
  write(file_, std::string(3'000'000, 'x'));
  const auto facts = store_.put(request("a"), [&](std::uint64_t done_bytes, std::uint64_t) {
    const UniqueFd fd(::open(file_.c_str(), O_WRONLY | O_CLOEXEC));
    if (done_bytes < 2'000'000) {
      EXPECT_EQ(::pwrite(fd.get(), "y", 1, 2'500'000), 1);
    }
    return true;
  });
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code, ErrorCode::data_corrupt);
  EXPECT_FALSE(fs::exists(objects_ / "vivid-media/a"));
  EXPECT_EQ(temporary_files(), 0U);
}

TEST_F(LocalObjectStoreTest, ProgressRisesToTheWholeAndCanCancel) {
  write(file_, std::string(2'500'000, 'x'));
  std::vector<std::uint64_t> seen;
  ASSERT_TRUE(store_.put(request("a"), [&](std::uint64_t done_bytes, std::uint64_t total_bytes) {
    EXPECT_EQ(total_bytes, 2'500'000U);
    seen.push_back(done_bytes);
    return true;
  }));
  EXPECT_GE(seen.size(), 2U);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(seen.back(), 2'500'000U);

  const auto cancelled = store_.put(request("b"), [](std::uint64_t, std::uint64_t) { return false; });
  ASSERT_FALSE(cancelled);
  EXPECT_EQ(cancelled.error().code, ErrorCode::cancelled);
  EXPECT_FALSE(fs::exists(objects_ / "vivid-media/b"));
  EXPECT_EQ(temporary_files(), 0U);
}

TEST_F(LocalObjectStoreTest, AbandonedCopiesAreRemovedAfterADay) {
  ASSERT_TRUE(store_.put(request("a")));
  const fs::path abandoned = objects_ / "vivid-media/.tmp/abandoned";
  const fs::path recent = objects_ / "vivid-media/.tmp/recent";
  write(abandoned, "half");
  write(recent, "half");
  fs::last_write_time(abandoned, fs::last_write_time(recent) - std::chrono::hours(25));
  ASSERT_TRUE(store_.put(request("b")));
  EXPECT_FALSE(fs::exists(abandoned));
  EXPECT_TRUE(fs::exists(recent));
}

TEST_F(LocalObjectStoreTest, BadNamesAndFilesAreRefused) {
  EXPECT_EQ(store_.put(request("../outside")).error().code, ErrorCode::invalid_input);
  PutRequest bucket = request("a");
  bucket.bucket = "..";
  EXPECT_EQ(store_.put(bucket).error().code, ErrorCode::invalid_input);
  PutRequest missing = request("a");
  missing.file = root_ / "missing";
  EXPECT_EQ(store_.put(missing).error().code, ErrorCode::not_found);
  PutRequest folder = request("a");
  folder.file = root_;
  EXPECT_EQ(store_.put(folder).error().code, ErrorCode::invalid_input);
  EXPECT_EQ(store_.remove("vivid-media", "..").error().code, ErrorCode::invalid_input);
}

TEST_F(LocalObjectStoreTest, NameThatIsAFolderOfOthersIsRefused) {
  ASSERT_TRUE(store_.put(request("a/b")));
  const auto folder = store_.put(request("a"));
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().code, ErrorCode::already_exists);
  ASSERT_TRUE(store_.put(request("c")));
  const auto below_file = store_.put(request("c/d"));
  ASSERT_FALSE(below_file);
  EXPECT_EQ(below_file.error().code, ErrorCode::already_exists);
}

TEST_F(LocalObjectStoreTest, UrlEscapesWhatUrlsCannotHold) {
  const auto facts = store_.put(request("a b/ü?.mp4"));
  ASSERT_TRUE(facts);
  EXPECT_THAT(facts->url, testing::EndsWith("/vivid-media/a%20b/%C3%BC%3F.mp4"));
}

TEST_F(LocalObjectStoreTest, RemoveTakesTheNameAndWhatLiesBelowIt) {
  ASSERT_TRUE(store_.put(request("r-1/video.mp4")));
  ASSERT_TRUE(store_.put(request("r-1/images/1.png")));
  ASSERT_TRUE(store_.put(request("r-10/video.mp4")));
  EXPECT_EQ(store_.remove("vivid-media", "r-1").value(), 2U);
  EXPECT_FALSE(fs::exists(objects_ / "vivid-media/r-1"));
  EXPECT_FALSE(fs::exists(objects_ / "vivid-media/.meta/r-1"));
  EXPECT_TRUE(fs::exists(objects_ / "vivid-media/r-10/video.mp4"));
  EXPECT_EQ(store_.remove("vivid-media", "r-10/video.mp4").value(), 1U);
  EXPECT_FALSE(fs::exists(objects_ / "vivid-media/.meta/r-10/.video.mp4.json"));
  EXPECT_EQ(store_.remove("vivid-media", "never/there").value(), 0U);
}

TEST_F(LocalObjectStoreTest, ManyThreadsPuttingOneNameLeaveOneWholeObject) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 5; ++n) EXPECT_TRUE(store_.put(request("shared/name")));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(read(objects_ / "vivid-media/shared/name"), "the bytes of a video");
  EXPECT_EQ(temporary_files(), 0U);
}

}  // namespace
}  // namespace vivid::sync
