#include "sync/storage/upload_ledger.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/support/temporary_folder.h"

namespace vivid::sync {
namespace {

class UploadLedgerTest : public testing::Test {
 protected:
  static UploadRecord record(const std::string& name) {
    UploadRecord made;
    made.bucket = "lessons";
    made.name = name;
    made.session_uri = Secret("https://storage/upload?upload_id=1");
    made.started_at = WallTime(std::chrono::seconds(1'000));
    made.file = {100, 7, 8, 9};
    made.crc32c = "AAAAAA==";
    made.confirmed_bytes = 50;
    return made;
  }
  static mode_t mode_of(const std::filesystem::path& path) {
    struct stat facts {};
    EXPECT_EQ(::stat(path.c_str(), &facts), 0);
    return facts.st_mode & 0777;
  }

  test::TemporaryFolder folder_;
  UploadLedger ledger_{folder_ / "uploads"};
};

TEST_F(UploadLedgerTest, RecordComesBackAsItWas) {
  ASSERT_TRUE(ledger_.save(record("a/b")));
  const auto found = ledger_.find("lessons", "a/b");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->session_uri, record("").session_uri);
  EXPECT_EQ(found->file, record("").file);
  EXPECT_EQ(found->confirmed_bytes, 50U);
  EXPECT_EQ(found->started_at, record("").started_at);
  ledger_.erase("lessons", "a/b");
  EXPECT_FALSE(ledger_.find("lessons", "a/b"));
}

TEST_F(UploadLedgerTest, OnlyItsOwnerCanReadIt) {
  ASSERT_TRUE(ledger_.save(record("a")));
  EXPECT_EQ(mode_of(folder_ / "uploads"), 0700U);
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "uploads")) {
    EXPECT_EQ(mode_of(entry.path()), 0600U);
  }
}

TEST_F(UploadLedgerTest, BrokenRecordIsNone) {
  ASSERT_TRUE(ledger_.save(record("a")));
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "uploads")) {
    for (const char* text : {"", "{", "[]", R"({"bucket":"lessons","name":"a"})", R"({"bucket":1})"}) {
      std::ofstream(entry.path()) << text;
      EXPECT_FALSE(ledger_.find("lessons", "a")) << text;
    }
  }
}

TEST_F(UploadLedgerTest, FindsWhatIsBelowAName) {
  for (const char* name : {"r/3/a", "r/3", "r/30/b"}) ASSERT_TRUE(ledger_.save(record(name)));
  EXPECT_EQ(ledger_.below("lessons", "r/3").size(), 2U);
  EXPECT_EQ(ledger_.below("others", "r/3").size(), 0U);
}

TEST_F(UploadLedgerTest, WhatAKillLeftOfARecordIsForgotten) {
  ASSERT_TRUE(ledger_.save(record("a")));
  const auto half_written = folder_ / "uploads" / ".half.json.1.tmp";
  std::ofstream(half_written) << "{";
  ledger_.forget_before(WallTime(std::chrono::seconds(1'000)));
  EXPECT_TRUE(std::filesystem::exists(half_written));
  ledger_.forget_before(system_clock().now() + std::chrono::hours(1));
  EXPECT_FALSE(std::filesystem::exists(half_written));
}

TEST_F(UploadLedgerTest, OldOnesAreForgotten) {
  ASSERT_TRUE(ledger_.save(record("a")));
  ledger_.forget_before(WallTime(std::chrono::seconds(1'000)));
  EXPECT_TRUE(ledger_.find("lessons", "a"));
  ledger_.forget_before(WallTime(std::chrono::seconds(1'001)));
  EXPECT_FALSE(ledger_.find("lessons", "a"));
}

}  // namespace
}  // namespace vivid::sync
