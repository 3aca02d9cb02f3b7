// What a claim takes, in which order, and what it leaves alone.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "tests/integration/central/central_fixture.h"

namespace vivid::test {
namespace {

using sync::ClaimedRequest;
using sync::ClaimOptions;
using sync::RequestPath;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class LeaseClaim : public CentralTest {
 protected:
  std::vector<ClaimedRequest> claim(int limit, RequestPath path = RequestPath::media,
                                    const std::string& environment = "dev") const {
    sync::Session session = open();
    ClaimOptions options;
    options.limit = limit;
    options.path = path;
    options.environment = environment;
    auto claimed = sync::claim(session, node(), options);
    EXPECT_TRUE(claimed) << claimed.error().message;
    return claimed ? *claimed : std::vector<ClaimedRequest>{};
  }
  static std::vector<std::string> ids(const std::vector<ClaimedRequest>& requests) {
    std::vector<std::string> found;
    for (const ClaimedRequest& request : requests) found.push_back(request.id);
    return found;
  }
  std::string add(const std::string& created_at, const std::string& metadata,
                  const std::string& modalities = R"(["video"])") const {
    RequestRow row;
    row.created_at = created_at;
    row.metadata = metadata;
    row.modalities = modalities;
    return add_request(row);
  }
};

TEST_F(LeaseClaim, TakesARequestAndSaysSo) {
  const std::string id = add_request();
  const auto claimed = claim(5);
  ASSERT_THAT(ids(claimed), ElementsAre(id));
  EXPECT_GT(claimed[0].fence, 0);
  EXPECT_EQ(claimed[0].crashes, 0);
  EXPECT_EQ(value("SELECT status FROM content_requests"), "validating");
  EXPECT_EQ(value("SELECT started_at IS NOT NULL FROM content_requests"), "t");
  EXPECT_EQ(value("SELECT node_id || ' ' || path || ' ' || state || ' ' || fence FROM vividd.request_lease"),
            "node-a media leased " + std::to_string(claimed[0].fence));
  EXPECT_EQ(value("SELECT round(EXTRACT(epoch FROM leased_until - claimed_at)) FROM vividd.request_lease"), "60");
  EXPECT_EQ(value("SELECT source_host FROM request_events WHERE event_type = 'request_claimed'"), "node-a.example.org");
  EXPECT_EQ(value("SELECT organization_id FROM vividd.metrics_touch"), "org");
  EXPECT_THAT(claim(5), IsEmpty());
}

TEST_F(LeaseClaim, TakesAloneWhatHasLostAHostBefore) {
  const std::string first = add("2026-01-01 10:00:00", "");
  const std::string crashed = add("2026-01-01 11:00:00", "");
  const std::string last = add("2026-01-01 12:00:00", "");
  sql("INSERT INTO vividd.request_lease (request_id, node_id, boot_id, path, state, crashes, leased_until) VALUES ('" +
      crashed + "', 'node-b', gen_random_uuid(), 'media', 'released', 1, now())");
  EXPECT_THAT(ids(claim(5)), ::testing::UnorderedElementsAre(first, last));
  const std::string later = add("2026-01-01 13:00:00", "");
  const auto alone = claim(5);
  ASSERT_THAT(ids(alone), ElementsAre(crashed));
  EXPECT_EQ(alone[0].crashes, 1);
  EXPECT_THAT(ids(claim(5)), ElementsAre(later));
}

TEST_F(LeaseClaim, BringsAllThatTheDaemonNeeds) {
  sql("UPDATE users SET accessibility_settings = '{\"captions\": true}', language_preference = 'es'");
  RequestRow row;
  row.metadata = R"({"priority": 3, "script": {"title": "T\u00e9"}})";
  row.preferences = R"({"video": {"resolution": "720p"}})";
  add_request(row);
  const auto claimed = claim(1);
  ASSERT_THAT(claimed, SizeIs(1));
  const auto json = nlohmann::json::parse(claimed[0].row);
  EXPECT_EQ(json["id"], claimed[0].id);
  EXPECT_EQ(json["topic"], "Newton's laws");
  EXPECT_EQ(json["organization_id"], "org");
  EXPECT_EQ(json["request_metadata"]["script"]["title"], "Té");
  EXPECT_EQ(json["requested_modalities"][0], "video");
  EXPECT_EQ(json["modality_preferences"]["video"]["resolution"], "720p");
  EXPECT_EQ(json["user"]["grade_level"], 10);
  EXPECT_EQ(json["user"]["accessibility_settings"]["captions"], true);
  EXPECT_EQ(json["user"]["language_preference"], "es");
  EXPECT_EQ(json["oversize_bytes"], nullptr);
}

TEST_F(LeaseClaim, LeavesOutWhatIsTooLargeToCarry) {
  add_request();
  // Random hexadecimal digits: what is stored is not much smaller.
  sql("UPDATE content_requests SET request_metadata = jsonb_build_object('script',"
      " (SELECT string_agg(gen_random_uuid()::text, '') FROM generate_series(1, 60000)))");
  const auto claimed = claim(1);
  ASSERT_THAT(claimed, SizeIs(1));
  const auto json = nlohmann::json::parse(claimed[0].row);
  EXPECT_TRUE(json["request_metadata"].is_null());
  EXPECT_GT(json["oversize_bytes"], 1024 * 1024);
}

TEST_F(LeaseClaim, TakesTheBestRankFirst) {
  // A step of priority is worth a minute; what is not one digit is 5.
  const std::string usual = add("2026-01-01 10:00:00", "");
  const std::string urgent = add("2026-01-01 10:03:00", R"({"priority": 9})");
  const std::string text_priority = add("2026-01-01 10:01:30", R"({"priority": "7"})");
  const std::string odd = add("2026-01-01 10:00:30", R"({"priority": 1e99})");
  const std::string patient = add("2026-01-01 09:59:00", R"({"priority": 0})");
  EXPECT_THAT(ids(claim(2)), ElementsAre(urgent, text_priority));
  EXPECT_THAT(ids(claim(5)), ElementsAre(usual, odd, patient));
}

TEST_F(LeaseClaim, NoValueOfThePlatformCanMakeTheIndexesRefuse) {
  add("infinity", "[1]");
  add("-infinity", R"("text")");
  add("4714-11-24 00:00:00 BC", R"({"priority": "９", "environment": null})");
  sql("INSERT INTO content_requests (correlation_id, topic, student_id, request_metadata)"
      " VALUES ('long', 'T', 'student', jsonb_build_object('environment', repeat('x', 100000), 'priority', '[]'))");
  EXPECT_THAT(claim(9), SizeIs(3));
}

TEST_F(LeaseClaim, KeepsTextAndMediaApart) {
  const std::string text = add("", "", R"(["text"])");
  const std::string bare = add("", "", R"("text")");
  const std::string both = add("", "", R"(["text", "video"])");
  const std::string none = add("", "", "[]");
  const std::string null = add("", "", "null");
  EXPECT_THAT(ids(claim(9, RequestPath::text)), ElementsAre(text, bare));
  EXPECT_EQ(value("SELECT DISTINCT status FROM content_requests WHERE status <> 'pending'"), "generating_script");
  EXPECT_THAT(ids(claim(9)), ElementsAre(both, none, null));
}

TEST_F(LeaseClaim, FindsItsOwnBehindManyOfAnotherEnvironment) {
  sql("INSERT INTO content_requests (correlation_id, topic, student_id, created_at, request_metadata)"
      " SELECT 'foreign-' || i, 'T', 'student', '2026-01-01', '{\"environment\": \"staging\"}'"
      " FROM generate_series(1, 3000) AS i");
  const std::string any = add("2026-01-02", "{}");
  const std::string own = add("2026-01-03", R"({"environment": "dev"})");
  EXPECT_THAT(ids(claim(9)), ElementsAre(any, own));
  EXPECT_EQ(count("SELECT count(*) FROM content_requests WHERE status = 'pending'"), 3000);
  EXPECT_THAT(claim(2, RequestPath::media, "staging"), SizeIs(2));
}

TEST_F(LeaseClaim, TakesNoMoreThanItsLimit) {
  for (int i = 0; i < 5; ++i)
    add(i % 2 == 0 ? "2026-01-01" : "2026-01-02", i % 2 == 0 ? "" : R"({"environment":"dev"})");
  EXPECT_THAT(claim(0), IsEmpty());
  EXPECT_THAT(claim(3), SizeIs(3));
  EXPECT_EQ(count("SELECT count(*) FROM vividd.request_lease"), 3);
  EXPECT_EQ(count("SELECT count(*) FROM content_requests WHERE status = 'pending'"), 2);
}

TEST_F(LeaseClaim, LeavesAloneWhatIsOverOrHeld) {
  RequestRow row;
  for (const char* status : {"completed", "failed", "cancelled", "generating_video"}) {
    row.status = status;
    add_request(row);
  }
  EXPECT_THAT(claim(9), IsEmpty());
  // Made pending by somebody while a host still holds it.
  const std::string id = add_request();
  ASSERT_THAT(claim(9), SizeIs(1));
  sql("UPDATE content_requests SET status = 'pending' WHERE id = '" + id + "'");
  EXPECT_THAT(claim(9), IsEmpty());
}

TEST_F(LeaseClaim, GivesARequestThatBeganAnewAFreshStart) {
  const std::string id = add_request();
  const auto first = claim(1);
  ASSERT_THAT(first, SizeIs(1));
  sql("UPDATE vividd.request_lease SET state = 'buried', crashes = 3;"
      "UPDATE content_requests SET status = 'pending'");
  const auto second = claim(1);
  ASSERT_THAT(ids(second), ElementsAre(id));
  EXPECT_EQ(second[0].crashes, 0);
  EXPECT_GT(second[0].fence, first[0].fence);
}

TEST_F(LeaseClaim, NeverGivesOneRequestToTwo) {
  constexpr int kRequests = 2000;
  add_text_requests(kRequests);
  std::vector<std::vector<ClaimedRequest>> taken(4);
  std::vector<std::thread> claimers;
  for (auto& mine : taken) {
    claimers.emplace_back([this, &mine] {
      for (int empty = 0; empty < 20;) {
        auto some = claim(7, RequestPath::text);
        empty = some.empty() ? empty + 1 : 0;
        mine.insert(mine.end(), some.begin(), some.end());
      }
    });
  }
  for (std::thread& claimer : claimers) claimer.join();
  std::set<std::string> all;
  std::set<std::int64_t> fences;
  std::size_t sum = 0;
  for (const auto& mine : taken) {
    sum += mine.size();
    for (const ClaimedRequest& request : mine) {
      all.insert(request.id);
      fences.insert(request.fence);
    }
  }
  EXPECT_EQ(sum, kRequests);
  EXPECT_THAT(all, SizeIs(kRequests));
  EXPECT_THAT(fences, SizeIs(kRequests));
}

}  // namespace
}  // namespace vivid::test
