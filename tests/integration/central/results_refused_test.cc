// Rows whose data the database refuses: found, answered, and never in the way of others.
#include "tests/integration/central/results_fixture.h"

namespace vivid::test {
namespace {

using ::testing::HasSubstr;

class ResultsRefused : public ResultsTest {
 protected:
  // Between eight good ones; returns what was said of it.
  std::string refuse(const std::function<void(Delivery&)>& spoil) {
    std::vector<Delivery> batch;
    for (int i = 0; i < 9; ++i) {
      const Held held = hold();
      if (i == 5) bad_ = held;
      batch.push_back(completed(held));
      batch.back().seq = i;
    }
    spoil(batch[5]);
    sync::Session session = open();
    const std::vector<Settled> settled = settle(session, batch);
    EXPECT_EQ(settled.size(), batch.size());
    for (const Settled& one : settled) {
      EXPECT_EQ(one.verdict, one.seq == 5 ? Verdict::quarantined : Verdict::applied) << one.seq << one.error;
    }
    EXPECT_EQ(of(bad_, "status"), "validating");
    EXPECT_EQ(content(bad_, "1"), "");
    return settled.size() > 5 ? settled[5].error : "";
  }
  std::string refuse_body(const std::function<void(json&)>& spoil) {
    return refuse([&](Delivery& delivery) {
      json body = json::parse(delivery.body);
      spoil(body);
      delivery.body = body.dump();
    });
  }

  Held bad_;
};

TEST_F(ResultsRefused, ANulInText) {
  EXPECT_THAT(refuse_body([](json& body) { body["content"]["script_text"] = std::string("a\0b", 3); }),
              HasSubstr("22P05"));
}

TEST_F(ResultsRefused, ARawNul) {
  EXPECT_THAT(refuse([](Delivery& delivery) { delivery.body.insert(2, 1, '\0'); }), HasSubstr("22"));
}

TEST_F(ResultsRefused, ATitleThatIsTooLong) {
  EXPECT_THAT(refuse_body([](json& body) { body["content"]["title"] = std::string(501, 'x'); }), HasSubstr("22001"));
}

TEST_F(ResultsRefused, NoTitle) {
  EXPECT_THAT(refuse_body([](json& body) { body["content"].erase("title"); }), HasSubstr("23502"));
}

TEST_F(ResultsRefused, AModalityThatNobodyKnows) {
  EXPECT_THAT(refuse_body([](json& body) { body["content"]["modality_type"] = "smell"; }), HasSubstr("23514"));
}

TEST_F(ResultsRefused, AStatusThatNobodyKnows) {
  EXPECT_THAT(refuse_body([](json& body) { body["status"] = "done"; }), HasSubstr("22P02"));
}

TEST_F(ResultsRefused, NoStatus) {
  EXPECT_THAT(refuse_body([](json& body) { body.erase("status"); }), HasSubstr("23502"));
}

TEST_F(ResultsRefused, AnObjectForAList) {
  EXPECT_NE(refuse_body([](json& body) { body["costs"] = json::object({{"a", 1}}); }), "");
}

TEST_F(ResultsRefused, OneStageTwice) {
  EXPECT_THAT(refuse_body([](json& body) {
                const json stage{{"name", "script_generation"}, {"order", 3}, {"status", "completed"}};
                body["stages"] = {stage, stage};
              }),
              HasSubstr("21000"));
}

TEST_F(ResultsRefused, ATextDeeperThanTheServersStack) {
  EXPECT_THAT(refuse([](Delivery& delivery) {
                delivery.body.insert(1, "\"deep\":" + std::string(100'000, '[') + std::string(100'000, ']') + ",");
              }),
              HasSubstr("54001"));
}

TEST_F(ResultsRefused, ABodyThatWouldBreakOut) {
  EXPECT_THAT(refuse([](Delivery& delivery) { delivery.body = "{}},{\"id\":1"; }), HasSubstr("not one JSON object"));
}

TEST_F(ResultsRefused, NoUuid) {
  EXPECT_THAT(refuse([](Delivery& delivery) { delivery.request_id = "test-smoke-002"; }), HasSubstr("allowed: a UUID"));
}

TEST_F(ResultsRefused, AKindThatNobodyKnows) {
  EXPECT_THAT(refuse([](Delivery& delivery) { delivery.kind = "finale"; }), HasSubstr("allowed: accepted"));
}

TEST_F(ResultsRefused, AllOfABatch) {
  std::vector<Delivery> batch;
  for (int i = 0; i < 4; ++i) {
    json body = completed_body();
    body["at_us"] = "soon";
    batch.push_back(delivery(hold(), "final", body));
  }
  EXPECT_THAT(deliver(batch), ::testing::Each(Verdict::quarantined));
}

}  // namespace
}  // namespace vivid::test
