// Everything a network and a service can do to an upload: each ends in the right bytes, once, or in the right error.
#include <gmock/gmock.h>

#include <fstream>

#include "tests/integration/storage/bucket_fixture.h"

namespace vivid::sync {
namespace {

using test::Fault;
using test::Operation;
using testing::HasSubstr;

constexpr std::size_t kFile = 9 * kBlock + 123;  // three chunks

struct Case {
  const char* name;
  Fault fault;
  std::size_t bytes = kFile;
};

void PrintTo(const Case& each, std::ostream* out) { *out << each.name; }

class Survives : public BucketTest, public testing::WithParamInterface<Case> {};

TEST_P(Survives, AndTheRightBytesArriveOnce) {
  NEEDS_STAND_IN();
  options_.limits.stall = std::chrono::seconds(1);
  restart();
  const Fault& fault = GetParam().fault;
  stand_in_->add(fault);
  unknown_sessions_ = fault.operation == Operation::start && fault.kind == Fault::Kind::lost_answer ? 1 : 0;
  expect_arrives(GetParam().bytes);
}

const Case kCases[] = {
    {"ServiceUnavailableAtTheStart", {.operation = Operation::start, .times = 3}},
    {"ServiceUnavailableAfterNoByte", {.operation = Operation::chunk}},
    {"ServiceUnavailableAfterSomeBytes", {.operation = Operation::chunk, .after_bytes = 2 * kBlock + 5}},
    {"ServiceUnavailableInTheMiddle", {.operation = Operation::chunk, .after_bytes = kBlock, .times = 4, .skip = 1}},
    {"InternalErrorOnTheLastChunk", {.operation = Operation::chunk, .status = 500, .after_bytes = 100, .skip = 2}},
    {"RequestTimeout", {.operation = Operation::chunk, .status = 408, .skip = 1}},
    {"TooManyRequestsWithRetryAfter", {.operation = Operation::chunk, .status = 429, .retry_after = "1", .skip = 1}},
    {"ResetAtTheStart", {.kind = Fault::Kind::reset, .operation = Operation::start}},
    {"ResetAfterSomeBytes", {.kind = Fault::Kind::reset, .operation = Operation::chunk, .after_bytes = 3 * kBlock}},
    {"ResetTwice",
     {.kind = Fault::Kind::reset, .operation = Operation::chunk, .after_bytes = kBlock + 1, .times = 2, .skip = 1}},
    {"StallInAChunk", {.kind = Fault::Kind::stall, .operation = Operation::chunk, .after_bytes = kBlock}},
    {"StallAtTheStart", {.kind = Fault::Kind::stall, .operation = Operation::start}},
    {"BrokenAnswerToAChunk", {.kind = Fault::Kind::broken_answer, .operation = Operation::chunk}},
    {"BrokenFinalAnswer", {.kind = Fault::Kind::broken_answer, .operation = Operation::chunk, .skip = 2}},
    {"GarbageAsFinalAnswer", {.kind = Fault::Kind::garbage, .operation = Operation::chunk, .skip = 2}},
    {"LostAnswerToTheStart", {.kind = Fault::Kind::lost_answer, .operation = Operation::start}},
    {"LostAnswerToAChunk", {.kind = Fault::Kind::lost_answer, .operation = Operation::chunk, .skip = 1}},
    {"LostFinalAnswer", {.kind = Fault::Kind::lost_answer, .operation = Operation::chunk, .skip = 2}},
    {"ShortCommit", {.kind = Fault::Kind::short_commit, .operation = Operation::chunk, .after_bytes = 2 * kBlock}},
    {"CommitOfNothing", {.kind = Fault::Kind::short_commit, .operation = Operation::chunk, .times = 2}},
    {"ShortCommitOfTheLastChunk",
     {.kind = Fault::Kind::short_commit, .operation = Operation::chunk, .after_bytes = kBlock, .skip = 2}},
    {"SessionNotFound", {.kind = Fault::Kind::session_gone, .operation = Operation::chunk, .status = 404, .skip = 1}},
    {"SessionGone", {.kind = Fault::Kind::session_gone, .operation = Operation::chunk, .status = 410, .skip = 2}},
    {"WholeUnavailable", {.operation = Operation::whole, .times = 3}, 1000},
    {"WholeReset", {.kind = Fault::Kind::reset, .operation = Operation::whole}, 1000},
    {"WholeStalled", {.kind = Fault::Kind::stall, .operation = Operation::whole}, 1000},
    {"WholeLostAnswer", {.kind = Fault::Kind::lost_answer, .operation = Operation::whole}, 1000},
    {"WholeBrokenAnswer", {.kind = Fault::Kind::broken_answer, .operation = Operation::whole}, 1000},
    {"WholeGarbage", {.kind = Fault::Kind::garbage, .operation = Operation::whole}, 1000},
};
INSTANTIATE_TEST_SUITE_P(Upload, Survives, testing::ValuesIn(kCases),
                         [](const auto& each) { return std::string(each.param.name); });

class Refusal : public BucketTest {};

TEST_F(Refusal, QueryThatFailsIsAskedAgain) {
  NEEDS_STAND_IN();
  stand_in_->add({.operation = Operation::chunk, .after_bytes = kBlock});
  stand_in_->add({.operation = Operation::query, .times = 3});
  expect_arrives(kFile);
}

TEST_F(Refusal, SessionLostAgainAndAgainEndsTheAttempt) {
  NEEDS_STAND_IN();
  write_file("file", kFile);
  stand_in_->add({.kind = Fault::Kind::session_gone, .operation = Operation::chunk, .times = 4});
  const auto put = store_->put(request("object", "file"));
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code, ErrorCode::unavailable);
}

TEST_F(Refusal, OutageOutlastsThePatienceAndTheNextAttemptGoesOn) {
  NEEDS_STAND_IN();
  policy_.patience = std::chrono::milliseconds(300);
  restart();
  const std::string content = write_file("file", kFile);
  stand_in_->add({.operation = Operation::chunk, .skip = 1});
  stand_in_->add({.operation = Operation::query, .times = 100'000});
  const auto put = store_->put(request("object", "file"));
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code, ErrorCode::unavailable) << put.error().message;
  stand_in_->clear_faults();
  policy_.patience = std::chrono::seconds(40);
  restart();
  const std::uint64_t before = stand_in_->body_bytes();
  ASSERT_TRUE(store_->put(request("object", "file")));
  expect_object("object", content);
  EXPECT_EQ(stand_in_->body_bytes() - before, kFile - 4 * kBlock);
  EXPECT_EQ(stand_in_->requests(Operation::start), 1);
}

TEST_F(Refusal, ForbiddenIsPermanentAndQuotesTheService) {
  NEEDS_STAND_IN();
  write_file("file", kFile);
  stand_in_->add({.operation = Operation::start, .status = 403});
  const auto put = store_->put(request("object", "file"));
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code, ErrorCode::permission_denied);
  EXPECT_THAT(put.error().message, HasSubstr("told to fail"));
}

TEST_F(Refusal, PreconditionThatFailsThoughNothingIsThereIsTriedAgain) {
  NEEDS_STAND_IN();
  stand_in_->add({.operation = Operation::start, .status = 412});
  expect_arrives(kFile);
}

TEST_F(Refusal, BytesThatChangeOnTheWayAreFoundAndSentAgain) {
  NEEDS_STAND_IN();
  const std::string content = write_file("file", kFile);
  stand_in_->add({.kind = Fault::Kind::corrupt, .operation = Operation::chunk, .skip = 1});
  const auto put = store_->put(request("object", "file"));
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code, ErrorCode::data_corrupt);
  EXPECT_EQ(disposition_of(put.error().code), Disposition::retry);
  EXPECT_FALSE(stand_in_->object(run_ + "/object"));
  ASSERT_TRUE(store_->put(request("object", "file")));
  expect_object("object", content);
}

TEST_F(Refusal, ServiceThatIsNotThereIsTransient) {
  NEEDS_STAND_IN();
  policy_.patience = std::chrono::milliseconds(200);
  restart();
  write_file("file", kFile);
  const int port = stand_in_->port();
  stand_in_.reset();
  const auto put = store_->put(request("object", "file"));
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code, ErrorCode::unavailable);
  EXPECT_THAT(put.error().message, HasSubstr(std::to_string(port)));
}

}  // namespace
}  // namespace vivid::sync
