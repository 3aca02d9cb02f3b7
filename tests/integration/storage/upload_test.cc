// What an upload does when nothing goes wrong, and when it is interrupted on this side.
#include <gmock/gmock.h>

#include <fstream>
#include <thread>

#include "tests/integration/storage/bucket_fixture.h"

namespace vivid::sync {
namespace {

using test::Fault;
using test::Operation;
using testing::HasSubstr;

class Upload : public BucketTest {};

TEST_F(Upload, SmallFileGoesInOneRequest) {
  expect_arrives(1000);
  if (stand_in_) {
    EXPECT_EQ(stand_in_->requests(Operation::whole), 1);
  }
}

TEST_F(Upload, EmptyFileArrives) { expect_arrives(0); }

TEST_F(Upload, FileOfExactlyOneChunkArrives) { expect_arrives(4 * kBlock); }

TEST_F(Upload, FileOfManyChunksArrives) {
  expect_arrives(10 * kBlock + 17);
  if (stand_in_) {
    EXPECT_EQ(stand_in_->requests(Operation::chunk), 3);
  }
}

TEST_F(Upload, FileThatEndsWithAChunkArrives) { expect_arrives(8 * kBlock); }

TEST_F(Upload, MetadataIsKept) {
  NEEDS_STAND_IN();
  expect_arrives(2 * kBlock);
  const auto object = stand_in_->object(run_ + "/object");
  EXPECT_EQ(object->metadata["contentType"], "video/mp4");
  EXPECT_EQ(object->metadata["cacheControl"], "private, max-age=60");
  EXPECT_EQ(object->metadata["metadata"]["request"], run_);
}

TEST_F(Upload, SameBytesAgainChangeNothing) {
  expect_arrives(2 * kBlock);
  const auto again = store_->put(request("object", "file"));
  ASSERT_TRUE(again) << again.error().describe();
  if (stand_in_) {
    EXPECT_EQ(stand_in_->history().size(), 1U);
  }
}

TEST_F(Upload, OtherBytesOfTheSameClaimReplaceWhatAnEarlierAttemptLeft) {
  expect_arrives(2 * kBlock);
  const std::string other = write_file("other", 3 * kBlock, 2);
  const auto put = store_->put(request("object", "other"));
  ASSERT_TRUE(put) << put.error().describe();
  expect_object("object", other);
}

TEST_F(Upload, ObjectOfSomebodyElseIsNotOverwritten) {
  const std::string theirs = write_file("theirs", 100);
  PutRequest put = request("object", "theirs");
  put.metadata["fence"] = "4";
  ASSERT_TRUE(store_->put(put));
  for (const std::size_t bytes : {std::size_t{100}, std::size_t{2 * kBlock}}) {
    write_file("ours", bytes, 2);
    const auto refused = store_->put(request("object", "ours"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::already_exists);
  }
  expect_object("object", theirs);
}

TEST_F(Upload, MissingBucketIsPermanent) {
  write_file("file", 2 * kBlock);
  PutRequest put = request("object", "file");
  put.bucket = "no-such-bucket-of-ours";
  const auto refused = store_->put(put);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::not_found);
}

TEST_F(Upload, FileThatIsNotWhatWasExpectedNeverBecomesAnObject) {
  for (const std::size_t bytes : {std::size_t{100}, std::size_t{2 * kBlock}}) {
    write_file("file", bytes);
    PutRequest put = request("object", "file");
    put.expected_crc32c = "AAAAAA==";
    const auto refused = store_->put(put);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::data_corrupt);
    EXPECT_FALSE(store_->read(bucket_, put.name, kBlock));
  }
}

TEST_F(Upload, CancelledOneGoesOnWhereItWas) {
  NEEDS_STAND_IN();
  const std::string content = write_file("file", 12 * kBlock);
  const auto cancelled = store_->put(request("object", "file"),
                                     [&](std::uint64_t, std::uint64_t) { return stand_in_->kept_bytes() == 0; });
  // The first chunk may have been the last word before the cancellation, or the whole file before anybody asked.
  restart();
  const std::uint64_t sent = stand_in_->body_bytes();
  const auto put = store_->put(request("object", "file"));
  ASSERT_TRUE(put) << put.error().describe();
  expect_object("object", content);
  if (!cancelled) {
    EXPECT_EQ(cancelled.error().code, ErrorCode::cancelled);
    EXPECT_LE(stand_in_->body_bytes() - sent, 12 * kBlock);
    EXPECT_EQ(stand_in_->requests(Operation::start), 1);
  }
}

TEST_F(Upload, ChangedFileBeginsAfresh) {
  NEEDS_STAND_IN();
  write_file("file", 12 * kBlock);
  stand_in_->add({.kind = Fault::Kind::status,
                  .operation = Operation::chunk,
                  .status = 400,
                  .after_bytes = 4 * kBlock,
                  .skip = 1});
  ASSERT_FALSE(store_->put(request("object", "file")));
  restart();
  const std::string content = write_file("file", 9 * kBlock, 5);
  const auto put = store_->put(request("object", "file"));
  ASSERT_TRUE(put) << put.error().describe();
  expect_object("object", content);
  EXPECT_EQ(stand_in_->requests(Operation::start), 2);
}

TEST_F(Upload, ManyAtOnce) {
  const std::string content = write_file("file", 5 * kBlock);
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int i = 0; i < 12; ++i) {
    threads.emplace_back([&, i] {
      if (store_->put(request("object-" + std::to_string(i), "file"))) ++good;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 12);
  expect_object("object-7", content);
}

TEST_F(Upload, BandwidthIsShared) {
  NEEDS_STAND_IN();
  http_options_.upload_bytes_per_second = 8 * kBlock;
  restart();
  const auto start = std::chrono::steady_clock::now();
  expect_arrives(10 * kBlock);
  // A quarter of a second's bytes may go at once.
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(900));
}

TEST_F(Upload, RemoveTakesTheObjectWhatIsBelowItAndUnfinishedUploads) {
  NEEDS_STAND_IN();
  write_file("small", 10);
  for (const char* name : {"3/a", "3/b/c", "3/d", "3/e", "30/f"}) ASSERT_TRUE(store_->put(request(name, "small")));
  write_file("big", 8 * kBlock);
  const auto stopped = store_->put(request("3/video", "big"), [](std::uint64_t, std::uint64_t) { return false; });
  const auto removed = store_->remove(bucket_, run_ + "/3");
  ASSERT_TRUE(removed) << removed.error().describe();
  EXPECT_EQ(*removed, stopped ? 5U : 4U);
  EXPECT_EQ(stand_in_->names(), std::vector<std::string>{run_ + "/30/f"});
  EXPECT_EQ(stand_in_->open_sessions(), 0U);
  EXPECT_EQ(store_->remove(bucket_, run_ + "/3").value_or(99), 0U);
}

TEST_F(Upload, ReadSaysWhatIsNotThereAndWhatIsTooLarge) {
  write_file("file", 100);
  ASSERT_TRUE(store_->put(request("object", "file")));
  EXPECT_EQ(store_->read(bucket_, run_ + "/none", 10).error().code, ErrorCode::not_found);
  EXPECT_EQ(store_->read(bucket_, run_ + "/object", 10).error().code, ErrorCode::too_large);
}

}  // namespace
}  // namespace vivid::sync
