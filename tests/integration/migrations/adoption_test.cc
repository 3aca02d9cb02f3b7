// Databases that were made by hand, without a ledger.
#include <gmock/gmock.h>

#include "tests/integration/migrations/migration_fixture.h"

namespace vivid::test {
namespace {

using ::testing::HasSubstr;

class Adoption : public MigrationTest {
 protected:
  // As somebody else would have written it: other names for all that has no name in the contract.
  void make_by_hand(int revision) const {
    must({"up", "--to", std::to_string(revision)});
    forget_ledger();
    seed(100);
    sql("ALTER TRIGGER request_stages_progress ON request_stages RENAME TO trg_progress;"
        "ALTER TRIGGER content_requests_status_change ON content_requests RENAME TO trg_status;"
        "DROP INDEX content_requests_student;"
        "ALTER TABLE users ADD COLUMN nickname text;"
        "CREATE TABLE billing (id int)");
    if (revision >= 2) sql("ALTER INDEX content_requests_requested_modalities RENAME TO idx_cr_modalities");
    if (revision < 3) return;
    sql("ALTER TRIGGER content_metadata_ready_updated ON content_metadata RENAME TO trg_formats;"
        "ALTER FUNCTION update_request_output_formats() RENAME TO fn_formats");
  }
};

TEST_F(Adoption, RecognisesEachRevision) {
  for (int revision = 1; revision <= 3; ++revision) {
    sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    make_by_hand(revision);
    const std::string number = std::to_string(revision);
    EXPECT_THAT(migrate({"status"}).output, HasSubstr("the objects are those of revision " + number));
    must({"adopt"});
    must({"verify"});
    EXPECT_EQ(value("SELECT count(*) FROM vividd.migration WHERE adopted AND state = 'applied'"), number);
    EXPECT_EQ(value("SELECT count(*) FROM content_requests"), "100");
    forget_ledger();
  }
}

TEST_F(Adoption, IsPartOfUp) {
  make_by_hand(1);
  must({"up"});
  must({"verify"});
  EXPECT_EQ(value("SELECT count(*) FROM content_requests WHERE preferred_modality = 'video'"), "100");
  EXPECT_EQ(value("SELECT string_agg(revision::text, ',') FROM vividd.migration WHERE adopted"), "1");
}

TEST_F(Adoption, TakesBackWhatSomebodyElseNamed) {
  make_by_hand(3);
  must({"up"});
  vary_modalities();
  const auto before = fingerprints();
  must({"down", "--to", "1"});
  sql("UPDATE content_metadata SET status = 'failed'; UPDATE content_metadata SET status = 'ready'");
  must({"up", "--to", "3"});
  auto after = fingerprints();
  // The daemon's own topic is gone with revision 0004.
  after["topics"] = before.at("topics");
  for (const char* table : {"users", "content_metadata", "pipeline_stage_definitions", "request_metrics"}) {
    EXPECT_EQ(after.at(table), before.at(table)) << table;
  }
}

TEST_F(Adoption, RefusesWhatIsBetweenRevisions) {
  make_by_hand(3);
  sql("ALTER TABLE content_metadata DROP COLUMN captions_url");
  for (const char* what : {"adopt", "up"}) {
    const Ended ended = migrate({what});
    EXPECT_EQ(ended.exit, 1);
    EXPECT_THAT(ended.output, HasSubstr("column content_metadata.captions_url is missing"));
  }
  EXPECT_EQ(value("SELECT to_regclass('vividd.migration')"), "");
}

TEST_F(Adoption, RefusesPartsOfTheFirstRevision) {
  sql("CREATE TABLE users (user_id varchar(100) PRIMARY KEY)");
  const Ended ended = migrate({"up"});
  EXPECT_EQ(ended.exit, 1);
  EXPECT_THAT(ended.output, HasSubstr("the objects are those of no revision"));
}

TEST_F(Adoption, RefusesATriggerThatComparesWithALabelThatDoesNotExist) {
  make_by_hand(3);
  sql("CREATE OR REPLACE FUNCTION fn_formats() RETURNS trigger LANGUAGE plpgsql AS $f$"
      " BEGIN IF NEW.status = 'active' THEN UPDATE content_requests SET output_formats = '[]'; END IF; RETURN NEW; END "
      "$f$");
  const Ended ended = migrate({"adopt"});
  EXPECT_EQ(ended.exit, 1);
  EXPECT_THAT(ended.output, HasSubstr("a label content_status lacks"));
}

TEST_F(Adoption, RefusesAnEmptyDatabase) {
  const Ended ended = migrate({"adopt"});
  EXPECT_EQ(ended.exit, 1);
  EXPECT_THAT(ended.output, HasSubstr("'migrate up' makes them"));
}

TEST_F(Adoption, AcceptsAChangedTextWhereTheObjectsAreRight) {
  must({"up"});
  sql("UPDATE vividd.migration SET checksum = 'other' WHERE revision = 2");
  EXPECT_EQ(migrate({"up"}).exit, 1);
  must({"adopt"});
  must({"verify"});
  must({"up"});
}

}  // namespace
}  // namespace vivid::test
