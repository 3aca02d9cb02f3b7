#include "daemon/pipeline/checkpoint.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/files.h"
#include "base/uuid.h"

namespace vivid::daemon {
namespace {

class Checkpoint : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("vivid-checkpoint-" + Uuid::random().to_text());
    ASSERT_TRUE(make_directories(folder_));
    ASSERT_TRUE(write_file_durably(folder_ / "a", "one"));
    auto file = describe_output(folder_, "a", "text/plain");
    ASSERT_TRUE(file);
    StageOutput output{"audio_synthesis", {}};
    output.result.files.push_back(*file);
    outputs_.push_back(output);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
  std::vector<StageOutput> outputs_;
};

TEST_F(Checkpoint, IntactFilesPass) { EXPECT_FALSE(find_broken(outputs_, folder_)); }

TEST_F(Checkpoint, ChangedFileOfTheSameSizeIsFound) {
  ASSERT_TRUE(write_file_durably(folder_ / "a", "two"));
  const auto broken = find_broken(outputs_, folder_);
  ASSERT_TRUE(broken);
  EXPECT_EQ(broken->stage, "audio_synthesis");
}

TEST_F(Checkpoint, MissingFileIsFound) {
  ASSERT_EQ(::unlink((folder_ / "a").c_str()), 0);
  EXPECT_TRUE(find_broken(outputs_, folder_));
}

}  // namespace
}  // namespace vivid::daemon
