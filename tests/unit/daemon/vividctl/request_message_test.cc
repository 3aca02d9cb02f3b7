#include "daemon/vividctl/request_message.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/uuid.h"
#include "daemon/vividctl/json.h"

namespace vivid::ctl {
namespace {

using ::testing::HasSubstr;
constexpr const char* kId = "3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a01";

RequestOptions question() {
  RequestOptions options;
  options.request_id = kId;
  options.student_id = "student_1";
  options.query = "Explain photosynthesis";
  return options;
}

Json row_json(const RequestOptions& options) {
  const auto row = row_of(message_of(options), "dev", {});
  EXPECT_TRUE(row) << row.error().message;
  return row ? Json::parse(row->json) : Json();
}

TEST(RequestMessage, DefaultsAreThoseOfAnOldClient) {
  const Json row = row_json(question());
  EXPECT_EQ(row["requested_modalities"], Json({"video"}));
  EXPECT_EQ(row["preferred_modality"], "video");
  EXPECT_EQ(row["correlation_id"], kId);
  EXPECT_EQ(row["grade_level"], "10");
  EXPECT_EQ(row["organization_id"], Json());
  EXPECT_EQ(row["modality_preferences"], Json::object());
  EXPECT_EQ(row["request_metadata"], Json({{"student_query", "Explain photosynthesis"}, {"environment", "dev"}}));
}

TEST(RequestMessage, CarriesEveryOptionIntoItsColumn) {
  RequestOptions options = question();
  options.modalities = {"text", "image", "text"};
  options.preferred = "images";
  options.resolution = "720p";
  options.voice = "en-US-Neural2-J";
  options.priority = 9;
  options.topic_id = "newton";
  options.interest = "soccer";
  options.organization_id = "org";
  options.script = R"({"title": "T", "sections": [{"title": "a", "content": "b"}]})";
  const Json row = row_json(options);
  EXPECT_EQ(row["requested_modalities"], Json({"text", "images"}));
  EXPECT_EQ(row["preferred_modality"], "images");
  EXPECT_EQ(row["modality_preferences"]["video"]["resolution"], "720p");
  EXPECT_EQ(row["modality_preferences"]["audio"]["voice"], "en-US-Neural2-J");
  EXPECT_EQ(row["request_metadata"]["priority"], 9);
  EXPECT_EQ(row["request_metadata"]["topic_id"], "newton");
  EXPECT_EQ(row["request_metadata"]["interest"], "soccer");
  EXPECT_EQ(row["request_metadata"]["script"]["title"], "T");
  EXPECT_EQ(row["organization_id"], "org");
}

TEST(RequestMessage, GivesEachRequestAnIdOfItsOwn) {
  RequestOptions options = question();
  options.request_id.clear();
  const Json first = Json::parse(message_of(options));
  EXPECT_TRUE(Uuid::parse(first["request_id"].get<std::string>()));
  EXPECT_NE(first["request_id"], Json::parse(message_of(options))["request_id"]);
}

TEST(RequestMessage, RefusesThePoisonMessageByItsField) {
  const auto row = row_of(
      R"({"request_id": "test-smoke-002", "student_id": "s", "student_query": "q", "grade_level": 10})", "dev", {});
  ASSERT_FALSE(row);
  EXPECT_EQ(row.error().code, ErrorCode::invalid_input);
  EXPECT_THAT(row.error().message, HasSubstr("request_id is \"test-smoke-002\", allowed is a UUID"));
}

TEST(RequestMessage, RefusesWhatNoRowCanHold) {
  RequestOptions options = question();
  options.correlation_id = std::string(65, 'x');
  options.environment = "moon";
  const auto row = row_of(message_of(options), "dev", {});
  ASSERT_FALSE(row);
  EXPECT_THAT(row.error().message, HasSubstr("environment is \"moon\", allowed are dev, staging and prod"));
  EXPECT_THAT(row.error().message, HasSubstr("correlation_id has 65 characters, allowed are 64"));
  options = question();
  for (int i = 0; i < 64; ++i) options.correlation_id += "ü";
  EXPECT_TRUE(row_of(message_of(options), "dev", {}));
  EXPECT_FALSE(row_of("[]", "dev", {}));
}

TEST(RequestMessage, TakesTheEnvironmentOfTheMessageBeforeTheDefault) {
  RequestOptions options = question();
  options.environment = "staging";
  EXPECT_EQ(row_of(message_of(options), "dev", {})->environment, "staging");
  Json message = Json::parse(message_of(options));
  message.erase("environment");
  EXPECT_EQ(row_of(message.dump(), "prod", {})->environment, "prod");
}

TEST(RequestMessage, WarnsOfAPriorityThatHostsCannotRead) {
  Json message = Json::parse(message_of(question()));
  message["request_metadata"] = {{"priority", "high"}};
  const auto row = row_of(message.dump(), "dev", {});
  ASSERT_TRUE(row);
  ASSERT_EQ(row->warnings.size(), 1);
  EXPECT_THAT(row->warnings[0], HasSubstr("request_metadata.priority is \"high\""));
  EXPECT_EQ(Json::parse(row_of(message.dump(), "dev", 3)->json)["request_metadata"]["priority"], 3);
}

}  // namespace
}  // namespace vivid::ctl
