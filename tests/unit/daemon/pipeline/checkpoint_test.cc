#include "daemon/pipeline/checkpoint.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/files.h"
#include "tests/support/temporary_folder.h"

namespace vivid::daemon {
namespace {

class Checkpoint : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(write_file_durably(folder_ / "a", "one"));
    auto file = describe_output(folder_, "a", "text/plain");
    ASSERT_TRUE(file);
    StageOutput output{"audio_synthesis", {}};
    output.result.files.push_back(*file);
    outputs_.push_back(output);
  }

  const test::TemporaryFolder temporary_;
  const std::filesystem::path& folder_ = temporary_.path();
  std::vector<StageOutput> outputs_;
};

TEST_F(Checkpoint, IntactFilesPass) {
  const auto broken = find_broken(outputs_, folder_, [] { return true; });
  ASSERT_TRUE(broken);
  EXPECT_FALSE(*broken);
}

TEST_F(Checkpoint, ChangedFileOfTheSameSizeIsFound) {
  ASSERT_TRUE(write_file_durably(folder_ / "a", "two"));
  const auto broken = find_broken(outputs_, folder_, [] { return true; });
  ASSERT_TRUE(broken && *broken);
  EXPECT_EQ((*broken)->stage, "audio_synthesis");
}

TEST_F(Checkpoint, MissingFileIsFound) {
  ASSERT_EQ(::unlink((folder_ / "a").c_str()), 0);
  const auto broken = find_broken(outputs_, folder_, [] { return true; });
  ASSERT_TRUE(broken);
  EXPECT_TRUE(*broken);
}

TEST_F(Checkpoint, LinkToTheSameBytesIsNotTheFile) {
  std::filesystem::rename(folder_ / "a", folder_ / "b");
  std::filesystem::create_symlink("b", folder_ / "a");
  const auto broken = find_broken(outputs_, folder_, [] { return true; });
  ASSERT_TRUE(broken);
  EXPECT_TRUE(*broken);
}

TEST_F(Checkpoint, PipeInPlaceOfTheFileDoesNotBlock) {
  std::filesystem::remove(folder_ / "a");
  ASSERT_EQ(::mkfifo((folder_ / "a").c_str(), 0600), 0);
  const auto broken = find_broken(outputs_, folder_, [] { return true; });
  ASSERT_TRUE(broken);
  EXPECT_TRUE(*broken);
}

TEST_F(Checkpoint, FileThatCannotBeReadNowIsNotABrokenOne) {
  // The name is longer than a file's may be: an error of the system that is not a missing file.
  outputs_[0].result.files[0].name = std::string(300, 'n');
  const auto broken = find_broken(outputs_, folder_, [] { return true; });
  EXPECT_FALSE(broken);
}

TEST_F(Checkpoint, VerifyingEndsWhenToldTo) {
  const auto broken = find_broken(outputs_, folder_, [] { return false; });
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace vivid::daemon
