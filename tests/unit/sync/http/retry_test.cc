#include "sync/http/retry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vivid::sync {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

HttpResponse answer(int status, HttpHeaders headers = {}, std::string body = {}) {
  return {status, std::move(headers), std::move(body)};
}

TEST(Retry, ClassesAreThoseOfTheService) {
  for (const int status : {200, 204, 308}) EXPECT_EQ(class_of(answer(status)), AnswerClass::success) << status;
  for (const int status : {408, 429, 500, 502, 503, 504}) {
    EXPECT_EQ(class_of(answer(status)), AnswerClass::transient) << status;
  }
  for (const int status : {400, 403, 404, 409, 410, 412, 499}) {
    EXPECT_EQ(class_of(answer(status)), AnswerClass::permanent) << status;
  }
  EXPECT_EQ(class_of(answer(401)), AnswerClass::unauthorized);
  EXPECT_EQ(class_of(fail(ErrorCode::unavailable, "reset")), AnswerClass::transient);
  EXPECT_EQ(class_of(fail(ErrorCode::cancelled, "")), AnswerClass::permanent);
  EXPECT_EQ(class_of(fail(ErrorCode::too_large, "")), AnswerClass::permanent);
}

TEST(Retry, ErrorsOfEveryShapeAreRead) {
  const auto said = [](const std::string& body) { return error_of("it", answer(403, {}, body)).message; };
  EXPECT_EQ(said(R"({"error":{"code":403,"message":"no"}})"), "it: HTTP status 403: no");
  EXPECT_EQ(said(R"({"error":{"code":"403","message":{"why":"no"}}})"), R"(it: HTTP status 403: {"why":"no"})");
  EXPECT_EQ(said(R"({"error":"invalid_grant","error_description":"gone"})"),
            "it: HTTP status 403: invalid_grant: gone");
  EXPECT_EQ(said("no\nway"), "it: HTTP status 403: no way");
  for (const char* body : {"", "[]", "{}", "null", "\xff\xfe"}) EXPECT_EQ(said(body), "it: HTTP status 403") << body;
  EXPECT_LT(said(std::string(100'000, 'x')).size(), 400U);
}

TEST(Retry, StatusBecomesTheErrorThatDecides) {
  const auto code = [](int status) { return error_of("it", answer(status)).code; };
  EXPECT_EQ(code(400), ErrorCode::invalid_input);
  EXPECT_EQ(code(403), ErrorCode::permission_denied);
  EXPECT_EQ(code(404), ErrorCode::not_found);
  EXPECT_EQ(code(412), ErrorCode::already_exists);
  EXPECT_EQ(code(429), ErrorCode::resource_exhausted);
  EXPECT_EQ(code(503), ErrorCode::unavailable);
}

TEST(Retry, RetryAfterIsSecondsOrADate) {
  const WallTime now{std::chrono::seconds(784'111'777)};  // Sun, 06 Nov 1994 08:49:37 GMT
  const auto asked = [&](const char* text) { return retry_after(answer(429, {{"retry-after", text}}), now); };
  EXPECT_EQ(asked("7"), milliseconds(7'000));
  EXPECT_EQ(asked("Sun, 06 Nov 1994 08:49:47 GMT"), milliseconds(10'000));
  EXPECT_EQ(asked("Sun, 06 Nov 1994 08:00:00 GMT"), milliseconds(0));
  EXPECT_EQ(asked("99999999"), std::chrono::hours(24));
  for (const char* text : {"", "soon", "7 s", "-"}) EXPECT_EQ(asked(text), std::nullopt) << text;
}

TEST(Retry, WaitsAtLeastAsLongAsIsAskedWithinBounds) {
  Random random(1);
  const BackoffOptions options{milliseconds(100), milliseconds(1'000), 2.0};
  const WallTime now{};
  EXPECT_EQ(retry_delay(options, 1, random, answer(429, {{"Retry-After", "5"}}), now), milliseconds(5'000));
  EXPECT_EQ(retry_delay(options, 1, random, answer(429, {{"Retry-After", "9999"}}), now), std::chrono::minutes(2));
  for (int i = 0; i < 100; ++i) {
    EXPECT_LE(retry_delay(options, 9, random, fail(ErrorCode::unavailable, ""), now), milliseconds(1'000));
  }
}

TEST(Retry, SleepEndsWhenItIsToldTo) {
  EXPECT_FALSE(sleep_while(std::chrono::hours(1), [] { return false; }));
  EXPECT_TRUE(sleep_while(milliseconds(1), [] { return true; }));
}

}  // namespace
}  // namespace vivid::sync
