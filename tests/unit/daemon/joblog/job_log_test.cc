#include "daemon/joblog/job_log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "tests/support/temporary_folder.h"

namespace vivid::daemon {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kJob = "3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a01";
constexpr const char* kOther = "99999999-8f6e-4c3e-9a54-0b6f9f0f7a02";

std::string numbered(int n) { return "{\"n\":" + std::to_string(n) + "}"; }

class JobLogTest : public ::testing::Test {
 protected:
  JobLogTest() { options_.directory = directory_ / "joblogs"; }
  ~JobLogTest() override {
    log::set_tap({});
    fs::permissions(directory_, fs::perms::owner_all);
  }

  std::unique_ptr<JobLog> open() {
    auto opened = JobLog::open(options_);
    EXPECT_TRUE(opened.has_value());
    return std::move(*opened);
  }
  std::vector<std::string> read(JobLog& log, const std::string& job, std::size_t limit = 1000) {
    auto lines = log.read_last(job, limit);
    EXPECT_TRUE(lines.has_value()) << (lines ? "" : lines.error().describe());
    return lines ? *lines : std::vector<std::string>{};
  }
  fs::path file(const std::string& suffix = ".jsonl") const { return options_.directory / "3f" / (kJob + suffix); }

  const test::TemporaryFolder folder_;
  const fs::path& directory_ = folder_.path();
  JobLogOptions options_;
};

TEST_F(JobLogTest, KeepsTheLinesOfEachJobApart) {
  const auto log = open();
  log->append(kJob, numbered(1));
  log->append(kOther, numbered(2));
  log->append(kJob, numbered(3));
  EXPECT_THAT(read(*log, kJob), ElementsAre(numbered(1), numbered(3)));
  EXPECT_THAT(read(*log, kOther), ElementsAre(numbered(2)));
  EXPECT_THAT(read(*log, "00000000-0000-4000-8000-000000000000"), IsEmpty());
}

TEST_F(JobLogTest, TakesLoggedLinesWithAJobAndNoOthers) {
  const auto job_log = open();
  log::set_tap(job_log->tap());
  log::warning("stage failed", {{"job", kJob}, {"stage", "validation"}});
  log::warning("no job here", {{"stage", "validation"}});
  log::warning("not a job", {{"job", 7}});
  log::set_tap({});
  const auto lines = read(*job_log, kJob);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines[0], HasSubstr(R"("message":"stage failed","job":")"));
}

TEST_F(JobLogTest, ATapThatOutlivesItsLogDoesNothing) {
  auto job_log = open();
  log::set_tap(job_log->tap());
  job_log.reset();
  log::warning("too late", {{"job", kJob}});
  EXPECT_FALSE(fs::exists(file()));
}

TEST_F(JobLogTest, GivesTheLastLinesOldestFirst) {
  const auto log = open();
  for (int n = 0; n < 100; ++n) log->append(kJob, numbered(n));
  EXPECT_THAT(read(*log, kJob, 3), ElementsAre(numbered(97), numbered(98), numbered(99)));
  EXPECT_THAT(read(*log, kJob, 0), IsEmpty());
}

TEST_F(JobLogTest, KeepsLinesAcrossARestart) {
  open()->append(kJob, numbered(1));
  const auto log = open();
  log->append(kJob, numbered(2));
  EXPECT_THAT(read(*log, kJob), ElementsAre(numbered(1), numbered(2)));
}

TEST_F(JobLogTest, CutsOldLinesSaysSoAndStaysWithinItsBound) {
  options_.max_file_bytes = 1000;
  const auto log = open();
  for (int n = 0; n < 2000; ++n) {
    log->append(kJob, numbered(n));
    if (n % 50 == 0) read(*log, kJob, 1);  // many batches
  }
  const auto lines = read(*log, kJob);
  EXPECT_THAT(lines.front(), HasSubstr("older lines were cut"));
  EXPECT_EQ(lines.back(), numbered(1999));
  const int first = 2000 - static_cast<int>(lines.size() - 1);
  for (std::size_t i = 1; i < lines.size(); ++i) EXPECT_EQ(lines[i], numbered(first + static_cast<int>(i) - 1));
  EXPECT_LE(fs::file_size(file()), 1000U);
  EXPECT_LE(fs::file_size(file(".1.jsonl")), 1000U);
  EXPECT_GT(lines.size(), 60U) << "at least one whole generation is there";
}

TEST_F(JobLogTest, SaysNothingOfCutLinesWhenNoneWere) {
  options_.max_file_bytes = 1000;
  const auto log = open();
  for (int n = 0; n < 120; ++n) log->append(kJob, numbered(n));  // a bit more than one generation
  const auto lines = read(*log, kJob);
  EXPECT_TRUE(fs::exists(file(".1.jsonl")));
  EXPECT_EQ(lines.size(), 120U);
  EXPECT_EQ(lines.front(), numbered(0));
}

TEST_F(JobLogTest, SkipsWhatAPowerCutLeftOfALine) {
  open()->append(kJob, numbered(1));
  std::ofstream(file(), std::ios::app) << "{\"n\":";
  const auto log = open();
  log->append(kJob, numbered(2));
  EXPECT_THAT(read(*log, kJob), ElementsAre(numbered(1), numbered(2)));
}

TEST_F(JobLogTest, ReplacesALineThatIsTooLong) {
  options_.max_line_bytes = 100;
  const auto log = open();
  log->append(kJob, "{\"text\":\"" + std::string(200, 'x') + "\"}");
  const auto lines = read(*log, kJob);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines[0], HasSubstr("\"bytes\":211"));
}

TEST_F(JobLogTest, NamesThatAreNoUuidTouchNoFile) {
  const auto log = open();
  log->append("../../../tmp/evil", numbered(1));
  log->append("", numbered(1));
  EXPECT_EQ(log->read_last("../../etc/passwd", 1).error().code, ErrorCode::invalid_input);
  EXPECT_THAT(read(*log, kJob), IsEmpty());
  EXPECT_TRUE(fs::is_empty(options_.directory));
}

TEST_F(JobLogTest, PrunesJobsThatHaveBeenSilentForLong) {
  const auto log = open();
  log->append(kJob, numbered(1));
  log->append(kOther, numbered(2));
  ASSERT_EQ(read(*log, kJob).size(), 1U);
  const timespec times[2] = {{1'000'000, 0}, {1'000'000, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, file().c_str(), times, 0), 0);
  log->prune_older(system_clock().now() - std::chrono::hours(1));
  EXPECT_THAT(read(*log, kJob), IsEmpty());
  EXPECT_THAT(read(*log, kOther), ElementsAre(numbered(2)));
}

TEST_F(JobLogTest, CountsLinesThatFindTheQueueFull) {
  options_.max_queued_bytes = 10;  // not even one
  const auto log = open();
  log->append(kJob, numbered(1));
  log->append(kJob, numbered(2));
  EXPECT_EQ(log->dropped(), 2);
  EXPECT_THAT(read(*log, kJob), IsEmpty());
}

TEST_F(JobLogTest, CountsLinesThatTheDiskRefuses) {
  const auto log = open();
  // A file where the job's folder would be: fails for root too.
  std::ofstream(options_.directory / "3f") << "in the way";
  log->append(kJob, numbered(1));
  log->append(kOther, numbered(2));
  EXPECT_THAT(read(*log, kOther), ElementsAre(numbered(2)));
  EXPECT_EQ(log->dropped(), 1);
}

TEST_F(JobLogTest, LosesNothingFromManyThreads) {
  const auto log = open();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int n = 0; n < 500; ++n) log->append(n % 2 == 0 ? kJob : kOther, numbered(n));
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(read(*log, kJob, 5000).size(), 1000U);
  EXPECT_EQ(read(*log, kOther, 5000).size(), 1000U);
  EXPECT_EQ(log->dropped(), 0);
}

}  // namespace
}  // namespace vivid::daemon
