#include "sync/http/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/support/gcs/http_stand_in.h"

namespace vivid::sync {
namespace {

using std::chrono::milliseconds;
using test::HttpStandIn;
using test::StandInExchange;
using testing::HasSubstr;
using testing::Not;

HttpRequest get(const std::string& url) {
  HttpRequest request;
  request.url = url;
  request.what = "the thing";
  return request;
}

class HttpClientTest : public testing::Test {
 protected:
  Result<HttpResponse> exchange(HttpRequest request) { return client_->exchange(std::move(request)); }
  void limit_connections(int per_host) {
    HttpClient::Options options;
    options.max_connections_per_host = per_host;
    client_ = HttpClient::start(options).value();
  }

  std::unique_ptr<HttpClient> client_ = HttpClient::start({}).value();
};

TEST_F(HttpClientTest, SendsAndReceives) {
  HttpStandIn server([](StandInExchange& exchange) {
    exchange.respond(201, exchange.request.method + " " + exchange.request.header("x-one") + " " + exchange.body(),
                     {{"X-Two", "2"}});
  });
  HttpRequest request = get(server.url() + "/a");
  request.method = "POST";
  request.headers = {{"X-One", "1"}};
  request.body = "body";
  const auto answer = exchange(std::move(request));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 201);
  EXPECT_EQ(answer->body, "POST 1 body");
  EXPECT_EQ(*answer->header("x-two"), "2");
  EXPECT_EQ(answer->header("x-three"), nullptr);
}

TEST_F(HttpClientTest, HundredsAreUnderWayAtOnce) {
  std::atomic<int> waiting{0};
  HttpStandIn server([&](StandInExchange& exchange) {
    ++waiting;
    while (waiting < 200) std::this_thread::sleep_for(milliseconds(5));
    exchange.respond(200, "");
  });
  limit_connections(200);
  std::atomic<int> good{0};
  std::atomic<int> done{0};
  for (int i = 0; i < 200; ++i) {
    client_->send(get(server.url()), [&](const Result<HttpResponse>& answer) {
      if (answer && answer->status == 200) ++good;
      ++done;
    });
  }
  while (done < 200) std::this_thread::sleep_for(milliseconds(5));
  EXPECT_EQ(good, 200);
}

TEST_F(HttpClientTest, ConnectionsToAHostAreLimited) {
  HttpStandIn server([](StandInExchange& exchange) { exchange.respond(200, ""); });
  limit_connections(3);
  std::atomic<int> done{0};
  for (int i = 0; i < 60; ++i) client_->send(get(server.url()), [&](const Result<HttpResponse>&) { ++done; });
  while (done < 60) std::this_thread::sleep_for(milliseconds(5));
  EXPECT_LE(server.most_connections(), 3);
}

TEST_F(HttpClientTest, RedirectsAreNotFollowedUnlessAllowed) {
  HttpStandIn server([](StandInExchange& exchange) {
    if (exchange.request.path == "/end") return exchange.respond(200, "end");
    exchange.respond(302, "", {{"Location", exchange.request.path == "/loop" ? "/loop" : "/end"}});
  });
  EXPECT_EQ(exchange(get(server.url() + "/begin"))->status, 302);
  HttpRequest allowed = get(server.url() + "/begin");
  allowed.limits.max_redirects = 2;
  EXPECT_EQ(exchange(allowed)->body, "end");
  allowed.url = server.url() + "/loop";
  EXPECT_EQ(exchange(allowed).error().code, ErrorCode::permission_denied);
}

TEST_F(HttpClientTest, LongAnswersAreCutOff) {
  HttpStandIn server([](StandInExchange& exchange) {
    if (exchange.request.path == "/body") return exchange.respond(200, std::string(2000, 'x'));
    exchange.respond(200, "", {{"X-Long", std::string(90'000, 'x')}});
  });
  HttpRequest request = get(server.url() + "/body");
  request.limits.max_body_bytes = 1999;
  EXPECT_EQ(exchange(request).error().code, ErrorCode::too_large);
  EXPECT_EQ(exchange(get(server.url() + "/headers")).error().code, ErrorCode::too_large);
}

TEST_F(HttpClientTest, TimeIsLimitedAndCancellingEndsIt) {
  HttpStandIn server([](StandInExchange& exchange) { exchange.stall(); });
  HttpRequest request = get(server.url());
  request.limits.total = milliseconds(100);
  EXPECT_EQ(exchange(request).error().code, ErrorCode::unavailable);
  request.limits.total = milliseconds(0);
  request.limits.stall = std::chrono::seconds(1);
  EXPECT_EQ(exchange(request).error().code, ErrorCode::unavailable);
  request.limits.stall = std::chrono::hours(1);
  const auto cancelled = client_->exchange(request, [](std::uint64_t) { return false; });
  EXPECT_EQ(cancelled.error().code, ErrorCode::cancelled);
  std::thread stopper([&] { client_->stop(); });
  EXPECT_EQ(exchange(request).error().code, ErrorCode::cancelled);
  stopper.join();
}

TEST_F(HttpClientTest, ErrorsNameNeitherUrlNorToken) {
  HttpRequest request = get("http://127.0.0.1:1/path?upload_id=planted-secret");
  request.bearer = Secret("planted-token");
  const auto answer = exchange(request);
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("the thing: "));
  EXPECT_THAT(answer.error().message, Not(HasSubstr("planted")));
}

TEST_F(HttpClientTest, OtherSchemesAndHeaderLinesAreRefused) {
  for (const char* url : {"file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "nonsense://x"}) {
    EXPECT_EQ(exchange(get(url)).error().code, ErrorCode::invalid_input) << url;
  }
  HttpRequest request = get("http://127.0.0.1:1/");
  request.headers = {{"X-One", "1\r\nX-Two: 2"}};
  EXPECT_EQ(exchange(request).error().code, ErrorCode::invalid_input);
}

TEST_F(HttpClientTest, CertificateThatNobodyVouchesForIsNotSpokenTo) {
  // A server without TLS is the least trustworthy there is.
  HttpStandIn server([](StandInExchange& exchange) { exchange.respond(200, "secret"); });
  const auto answer = exchange(get("https://127.0.0.1:" + std::to_string(server.port())));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::unavailable);
}

TEST_F(HttpClientTest, FileThatShrinksEndsTheRequest) {
  HttpStandIn server([](StandInExchange& exchange) {
    exchange.body();
    exchange.respond(200, "");
  });
  HttpRequest request = get(server.url());
  request.method = "PUT";
  std::FILE* file = std::tmpfile();
  std::fputs("0123456789", file);
  std::fflush(file);
  request.body = FileRange{std::make_shared<UniqueFd>(::dup(::fileno(file))), 4, 6};
  EXPECT_EQ(exchange(request)->status, 200);
  request.body = FileRange{std::make_shared<UniqueFd>(::dup(::fileno(file))), 4, 7};
  EXPECT_EQ(exchange(request).error().code, ErrorCode::data_corrupt);
  std::fclose(file);
}

}  // namespace
}  // namespace vivid::sync
