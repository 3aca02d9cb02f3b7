#include "daemon/intake/submission.h"

#include <gtest/gtest.h>

namespace vivid::daemon {
namespace {

constexpr const char* kInput = R"("input":"{\"title\":\"T\",\"sections\":[{\"title\":\"A\",\"content\":\"B\"}]}")";

TEST(Submission, BareScriptBecomesARequestOfItsOwn) {
  const auto one = parse_submission(std::string("{") + kInput + "}", "dev");
  const auto two = parse_submission(std::string("{") + kInput + R"(,"priority":9,"modalities":["text"]})", "dev");
  ASSERT_TRUE(one.request) << one.request.error().message;
  ASSERT_TRUE(two.request) << two.request.error().message;
  EXPECT_NE(one.request->id, two.request->id);
  EXPECT_EQ(one.request->student_id, "operator");
  EXPECT_EQ(two.request->priority, 9);
  EXPECT_TRUE(is_text_only(two.request->modalities));
}

TEST(Submission, BareScriptIsForTheStudentThatIsNamed) {
  const auto named = parse_submission(std::string("{") + kInput + R"(,"student_id":"student_7"})", "dev");
  ASSERT_TRUE(named.request) << named.request.error().message;
  EXPECT_EQ(named.request->student_id, "student_7");
  const auto wrong = parse_submission(std::string("{") + kInput + R"(,"student_id":7})", "dev");
  ASSERT_FALSE(wrong.request);
  EXPECT_NE(wrong.request.error().message.find("student_id"), std::string::npos);
}

TEST(Submission, RefusedMessageKeepsItsIdentityAndABareScriptHasNone) {
  const auto message = parse_submission(R"({"request":{"request_id":"bad"}})", "dev");
  ASSERT_FALSE(message.request);
  EXPECT_EQ(message.identity.request_id, "bad");
  EXPECT_FALSE(message.message.empty());
  const auto script = parse_submission(R"({"input":"no json"})", "dev");
  ASSERT_FALSE(script.request);
  EXPECT_TRUE(script.identity.request_id.empty());
}

TEST(Submission, ParamsOfAnotherFormAreRefused) {
  for (const char* params : {"[]", "{}", R"({"request":1})", R"({"input":1})", R"({"input":""})",
                             R"({"request":{},"input":"x"})", R"({"input":"{}","priority":10})"}) {
    EXPECT_FALSE(parse_submission(params, "dev").request) << params;
  }
}

}  // namespace
}  // namespace vivid::daemon
