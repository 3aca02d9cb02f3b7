#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "daemon/control/json_rpc.h"
#include "daemon/control/line_framer.h"
#include "daemon/control/token_bucket.h"

namespace vivid::daemon {
namespace {

using Json = nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> take_all(LineFramer& framer) {
  std::vector<std::string> lines;
  while (framer.has_line()) lines.emplace_back(framer.take());
  return lines;
}

TEST(LineFramer, CutsSeveralLinesOutOfOneRead) {
  LineFramer framer(100);
  framer.append("one\ntwo\n\nthr");
  EXPECT_THAT(take_all(framer), ElementsAre("one", "two", ""));
  framer.append("ee\n");
  EXPECT_THAT(take_all(framer), ElementsAre("three"));
  EXPECT_EQ(framer.pending_bytes(), 0U);
}

TEST(LineFramer, GivesTheSameLinesHoweverTheBytesArrive) {
  std::string text;
  std::vector<std::string> expected;
  std::mt19937 random(7);
  for (int i = 0; i < 300; ++i) {
    expected.push_back(std::string(random() % 50, static_cast<char>('a' + i % 26)));
    text += expected.back() + "\n";
  }
  for (int run = 0; run < 20; ++run) {
    LineFramer framer(49);
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t size = std::min<std::size_t>(1 + random() % 97, text.size() - at);
      framer.append(std::string_view(text).substr(at, size));
      at += size;
      for (const auto& line : take_all(framer)) lines.push_back(line);
    }
    EXPECT_EQ(lines, expected);
  }
}

TEST(LineFramer, RefusesALineOverTheBoundWholeOrNot) {
  LineFramer whole(4);
  whole.append("1234\n12345\n");
  EXPECT_FALSE(whole.too_long());
  EXPECT_EQ(whole.take(), "1234");
  EXPECT_TRUE(whole.too_long());
  EXPECT_FALSE(whole.has_line());
  LineFramer part(4);
  part.append("1234");
  EXPECT_FALSE(part.too_long());
  part.append("5");
  EXPECT_TRUE(part.too_long());
}

TEST(LineFramer, TakesARestWithoutNewlineAtTheEnd) {
  LineFramer framer(10);
  framer.append("rest");
  EXPECT_FALSE(framer.has_line());
  framer.end();
  EXPECT_THAT(take_all(framer), ElementsAre("rest"));
}

TEST(TokenBucket, AllowsOneSecondsWorthAtOnceThenTheRate) {
  TokenBucket bucket(10, 0);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(bucket.take(0));
  EXPECT_FALSE(bucket.take(0));
  EXPECT_EQ(bucket.wait_ms(), 100U);
  EXPECT_FALSE(bucket.take(99));
  EXPECT_TRUE(bucket.take(100));
  EXPECT_FALSE(bucket.take(100));
}

TEST(TokenBucket, DoesNotSaveUpMoreThanOneSecond) {
  TokenBucket bucket(5, 0);
  int taken = 0;
  while (bucket.take(1'000'000)) ++taken;
  EXPECT_EQ(taken, 5);
}

TEST(JsonRpc, ReadsARequest) {
  const auto request =
      rpc::parse_request(R"( {"jsonrpc":"2.0","id":"a\"b","method":"job.show","params":{"job":"é","n":[1,2]}} )");
  ASSERT_TRUE(request.has_value()) << request.error().line;
  EXPECT_EQ(request->method, "job.show");
  EXPECT_EQ(request->id, R"("a\"b")");
  EXPECT_EQ(Json::parse(request->params), Json::parse(R"({"job":"é","n":[1,2]})"));
  EXPECT_FALSE(request->notification);
}

TEST(JsonRpc, KeepsIdsAsTheyAre) {
  for (const char* id : {"1", "-7", "1.5", "\"x\"", "null", "9007199254740993", "\"\""}) {
    const auto request = rpc::parse_request(R"({"jsonrpc":"2.0","id":)" + std::string(id) + R"(,"method":"ping"})");
    ASSERT_TRUE(request.has_value()) << id;
    EXPECT_EQ(request->id, id);
    EXPECT_EQ(request->params, "{}");
  }
  EXPECT_TRUE(rpc::parse_request(R"({"jsonrpc":"2.0","method":"ping"})")->notification);
}

struct Bad {
  const char* line;
  int code;
  const char* id;
  const char* message;
};

TEST(JsonRpc, RefusesWhatIsNoRequestWithTheRightCode) {
  const std::vector<Bad> cases{
      {"{", rpc::kParseError, "null", "not JSON"},
      {"hello", rpc::kParseError, "null", "not JSON"},
      {"{\"a\":\"\xff\"}", rpc::kParseError, "null", "not JSON"},
      {"{\"jsonrpc\":\"2.0\",\"id\":1e999,\"method\":\"ping\"}", rpc::kParseError, "null", "not JSON"},
      {"[]", rpc::kInvalidRequest, "null", "batches"},
      {R"([{"jsonrpc":"2.0","id":1,"method":"ping"}])", rpc::kInvalidRequest, "null", "batches"},
      {"7", rpc::kInvalidRequest, "null", "JSON object"},
      {R"({"id":1,"method":"ping"})", rpc::kInvalidRequest, "1", "jsonrpc"},
      {R"({"jsonrpc":"1.0","id":1,"method":"ping"})", rpc::kInvalidRequest, "1", "jsonrpc"},
      {R"({"jsonrpc":"2.0","id":1})", rpc::kInvalidRequest, "1", "method"},
      {R"({"jsonrpc":"2.0","id":1,"method":7})", rpc::kInvalidRequest, "1", "method"},
      {R"({"jsonrpc":"2.0","id":1,"method":""})", rpc::kInvalidRequest, "1", "method"},
      {R"({"jsonrpc":"2.0","id":{},"method":"ping"})", rpc::kInvalidRequest, "null", "id must be"},
      {R"({"jsonrpc":"2.0","id":true,"method":"ping"})", rpc::kInvalidRequest, "null", "id must be"},
      {R"({"jsonrpc":"2.0","id":1,"method":"ping","params":[1]})", rpc::kInvalidParams, "1", "params must be"},
      {R"({"jsonrpc":"2.0","id":1,"method":"ping","params":null})", rpc::kInvalidParams, "1", "params must be"},
  };
  for (const Bad& bad : cases) {
    const auto refused = rpc::parse_request(bad.line);
    ASSERT_FALSE(refused.has_value()) << bad.line;
    const Json answer = Json::parse(refused.error().line);
    EXPECT_EQ(answer["error"]["code"], bad.code) << bad.line;
    EXPECT_EQ(answer["id"].dump(), bad.id) << bad.line;
    EXPECT_THAT(answer["error"]["message"].get<std::string>(), HasSubstr(bad.message)) << bad.line;
    EXPECT_EQ(refused.error().line.find('\n'), refused.error().line.size() - 1);
  }
}

TEST(JsonRpc, RefusesDeepNestingWithoutBuildingIt) {
  const std::string deep(2'000'000, '[');
  EXPECT_EQ(Json::parse(rpc::parse_request(deep).error().line)["error"]["code"], rpc::kInvalidRequest);
  const std::string in_text =
      R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"text":")" + std::string(500, '[') + R"(\"["}})";
  EXPECT_TRUE(rpc::parse_request(in_text).has_value()) << "brackets in a string are no nesting";
}

TEST(JsonRpc, BoundsMethodAndId) {
  const std::string method(65, 'm');
  EXPECT_FALSE(rpc::parse_request(R"({"jsonrpc":"2.0","id":1,"method":")" + method + "\"}").has_value());
  const std::string id(300, 'i');
  EXPECT_FALSE(rpc::parse_request(R"({"jsonrpc":"2.0","id":")" + id + R"(","method":"m"})").has_value());
  EXPECT_LT(rpc::parse_request(std::string(100'000, 'x')).error().line.size(), 1000U) << "garbage is not sent back";
}

TEST(JsonRpc, TellsOurErrorsFromTheProtocols) {
  const auto error_of = [](ErrorCode code) { return Json::parse(rpc::error_line("3", {code, "why \xff\n"}))["error"]; };
  EXPECT_EQ(error_of(ErrorCode::disk_full)["code"], rpc::kOurs);
  EXPECT_EQ(error_of(ErrorCode::disk_full)["data"], Json::parse(R"({"code":"disk_full","retryable":true})"));
  EXPECT_EQ(error_of(ErrorCode::not_found)["data"], Json::parse(R"({"code":"not_found","retryable":false})"));
  EXPECT_EQ(error_of(ErrorCode::invalid_input)["code"], rpc::kInvalidParams);
  EXPECT_EQ(error_of(ErrorCode::internal)["code"], rpc::kInternal);
  EXPECT_EQ(Json::parse(rpc::method_not_found_line("3", "fly"))["error"]["code"], rpc::kMethodNotFound);
}

TEST(JsonRpc, WritesOneLineEvenOfPrettyJson) {
  const std::string line = rpc::result_line("1", "{\n  \"a\": 1\n}");
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  EXPECT_EQ(Json::parse(line)["result"]["a"], 1);
}

}  // namespace
}  // namespace vivid::daemon
