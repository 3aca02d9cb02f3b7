#include "sync/central/migrate/revision.h"

#include <gtest/gtest.h>

#include "sync/central/migrate/embedded.h"

namespace vivid::sync {
namespace {

constexpr std::string_view kGood = "-- step: only\nSELECT 1;\n";

Result<std::vector<Revision>> parse_up(std::string_view up) {
  const std::vector<MigrationFile> files{
      {"0001_a.down.sql", kGood}, {"0001_a.up.sql", up}, {"0001_a.verify.sql", kGood}};
  return parse_revisions(files);
}

std::string error_of(std::string_view up) {
  const auto revisions = parse_up(up);
  return revisions ? "no error" : revisions.error().message;
}

TEST(Revisions, OfThisProgramAreWellFormed) {
  const auto revisions = parse_revisions(embedded_migrations());
  ASSERT_TRUE(revisions) << revisions.error().message;
  ASSERT_EQ(revisions->size(), 4U);
  EXPECT_EQ(revisions->at(3).id(), "0004_render_daemon");
  EXPECT_EQ(revisions->at(0).checksum.size(), 64U);
}

TEST(Revisions, HaveStepsOfThreeKinds) {
  const auto revisions = parse_up(
      "-- About it.\n\n-- step: make locks users, content_requests\nALTER TABLE users ADD x int;\n"
      "-- step: fill batch\nSELECT NULL, 0;\n"
      "-- step: index no transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS Users_X ON users (x);\n");
  ASSERT_TRUE(revisions) << revisions.error().message;
  const std::vector<Step>& steps = revisions->at(0).up;
  ASSERT_EQ(steps.size(), 3U);
  EXPECT_EQ(steps[0].locks, (std::vector<std::string>{"users", "content_requests"}));
  EXPECT_EQ(steps[1].kind, StepKind::batch);
  EXPECT_EQ(steps[2].kind, StepKind::no_transaction);
  EXPECT_EQ(steps[2].index, "users_x");
  EXPECT_FALSE(is_one_transaction(steps));
  EXPECT_TRUE(is_one_transaction(revisions->at(0).down));
}

TEST(Revisions, RefuseConcurrentlyInATransaction) {
  const std::string error = error_of("-- step: index\nSELECT 1; CREATE INDEX CONCURRENTLY i ON t (x);\n");
  EXPECT_NE(error.find("0001_a.up.sql: step 'index': CONCURRENTLY"), std::string::npos) << error;
}

TEST(Revisions, RefuseTransactionControlAndBareRaise) {
  for (const std::string word : {"BEGIN", "COMMIT", "ROLLBACK", "VACUUM users", "RAISE NOTICE 'x'"}) {
    EXPECT_NE(error_of("-- step: a\nSELECT 1;\n" + word + ";\n").find("cannot stand in a step"), std::string::npos)
        << word;
  }
  EXPECT_EQ(error_of("-- step: a\nDO $body$ BEGIN RAISE NOTICE 'x'; END $body$;\n"), "no error");
}

TEST(Revisions, RefuseStepsThatCannotBeRepeated) {
  EXPECT_NE(error_of("-- step: i no transaction\nCREATE INDEX CONCURRENTLY i ON t (x);\n").find("IF NOT EXISTS"),
            std::string::npos);
  EXPECT_NE(error_of("-- step: b batch\nSELECT 1; SELECT 2;\n").find("must be one statement, not 2"),
            std::string::npos);
}

TEST(Revisions, RefuseWhatIsMalformed) {
  EXPECT_NE(error_of("SELECT 1;\n").find("before the first"), std::string::npos);
  EXPECT_NE(error_of("-- step: a sometimes\nSELECT 1;\n").find("'sometimes' is unknown"), std::string::npos);
  EXPECT_NE(error_of("-- step: a\nSELECT 1;\n-- step: a\nSELECT 2;\n").find("another step"), std::string::npos);
  EXPECT_NE(error_of("-- step: a\n-- nothing\n").find("no statement"), std::string::npos);
  EXPECT_NE(error_of("-- nothing\n").find("no step"), std::string::npos);
  EXPECT_NE(error_of("-- step: a\nAS $ x $;\n").find("single $"), std::string::npos);
}

TEST(Revisions, NeedAllThreeFilesAndNoGap) {
  EXPECT_FALSE(parse_revisions(std::vector<MigrationFile>{{"0001_a.up.sql", kGood}}));
  EXPECT_FALSE(parse_revisions(
      std::vector<MigrationFile>{{"0002_a.up.sql", kGood}, {"0002_a.down.sql", kGood}, {"0002_a.verify.sql", kGood}}));
  EXPECT_FALSE(parse_revisions(std::vector<MigrationFile>{{"1_a.up.sql", kGood}}));
  EXPECT_FALSE(parse_revisions(std::vector<MigrationFile>{{"0001_a.sideways.sql", kGood}}));
}

}  // namespace
}  // namespace vivid::sync
