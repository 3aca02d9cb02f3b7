#include "daemon/http/http_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "base/files.h"

namespace vivid::daemon {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class FakeClock : public Clock {
 public:
  WallTime now() const override { return {}; }
  SteadyTime steady_now() const override { return SteadyTime(std::chrono::milliseconds(ms_.load())); }
  void advance(std::chrono::milliseconds by) { ms_ += by.count(); }

 private:
  std::atomic<std::int64_t> ms_{1'000'000};
};

UniqueFd connect_to(int port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{20, 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  EXPECT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  return fd;
}

// Sends the bytes as they are and returns everything until the server closes.
std::string exchange(int port, const std::string& bytes) {
  const UniqueFd fd = connect_to(port);
  EXPECT_EQ(::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  std::string reply;
  char buffer[4096];
  for (;;) {
    const ssize_t count = ::recv(fd.get(), buffer, sizeof(buffer), 0);
    if (count <= 0) return reply;
    reply.append(buffer, static_cast<std::size_t>(count));
  }
}

class HttpServerTest : public ::testing::Test {
 protected:
  HttpServerTest() {
    options_.port = 0;
    options_.metrics = [] { return std::string("vividd_jobs 1\n"); };
    options_.readiness = [this] {
      return Readiness{ready_.load(), ready_ ? "" : "admission is closed: \"disk_full\""};
    };
  }
  void start() {
    auto started = HttpServer::start(options_, clock_);
    ASSERT_TRUE(started.has_value()) << started.error().describe();
    server_ = std::move(*started);
  }
  std::string get(const std::string& path, const std::string& method = "GET") {
    return exchange(server_->port(), method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }

  FakeClock clock_;
  HttpOptions options_;
  std::atomic<bool> ready_{true};
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, ServesMetricsOnAFreePort) {
  start();
  EXPECT_GT(server_->port(), 0);
  const std::string reply = get("/metrics");
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(reply, HasSubstr("Content-Type: text/plain; version=0.0.4"));
  EXPECT_THAT(reply, HasSubstr("\r\n\r\nvividd_jobs 1\n"));
  EXPECT_THAT(get("/metrics?x=1"), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, IsHealthyWhileTheLoopBeats) {
  start();
  EXPECT_THAT(get("/healthz"), StartsWith("HTTP/1.1 200"));
  clock_.advance(std::chrono::seconds(9));
  EXPECT_THAT(get("/healthz"), StartsWith("HTTP/1.1 200"));
  clock_.advance(std::chrono::seconds(1));
  const std::string dead = get("/healthz");
  EXPECT_THAT(dead, StartsWith("HTTP/1.1 503 Service Unavailable"));
  EXPECT_THAT(dead, HasSubstr("\"alive\":false,\"loop_silent_seconds\":10.0"));
  server_->beat();
  EXPECT_THAT(get("/healthz"), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, SaysWhyItIsNotReady) {
  start();
  EXPECT_THAT(get("/readyz"), HasSubstr("\r\n\r\n{\"ready\":true}\n"));
  ready_ = false;
  const std::string reply = get("/readyz");
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(reply, HasSubstr(R"({"ready":false,"reason":"admission is closed: \"disk_full\""})"));
}

TEST_F(HttpServerTest, AnswersHeadWithoutABody) {
  start();
  const std::string reply = get("/metrics", "HEAD");
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(reply, HasSubstr("Content-Length: 14\r\n"));
  EXPECT_THAT(reply, Not(HasSubstr("vividd_jobs")));
}

TEST_F(HttpServerTest, RefusesOtherPathsAndMethods) {
  start();
  for (const char* path : {"/", "/metricsx", "/metrics/", "/etc/passwd", "/../../etc/passwd", "/%2e%2e/etc/passwd"}) {
    EXPECT_THAT(get(path), StartsWith("HTTP/1.1 404")) << path;
  }
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT"}) {
    EXPECT_THAT(get("/metrics", method), testing::AnyOf(StartsWith("HTTP/1.1 405"), StartsWith("HTTP/1.1 4")))
        << method;
    EXPECT_THAT(get("/metrics", method), Not(HasSubstr("vividd_jobs"))) << method;
  }
  EXPECT_THAT(get("/metrics", "POST"), HasSubstr("HTTP/1.1 405 Method Not Allowed"));
  EXPECT_THAT(get("/metrics", "POST"), HasSubstr("Allow: GET, HEAD"));
}

TEST_F(HttpServerTest, NamesNeitherItselfNorItsVersion) {
  start();
  for (const std::string& reply : {get("/metrics"), get("/nothing"), exchange(server_->port(), "garbage\r\n\r\n")}) {
    EXPECT_THAT(reply, Not(HasSubstr("Server:")));
    EXPECT_THAT(reply, Not(HasSubstr("ivetweb")));
  }
}

TEST_F(HttpServerTest, SurvivesGarbageAndOversizedHeaders) {
  start();
  exchange(server_->port(), std::string("\0\xff\x16\x03\x01 nonsense\r\n\r\n", 18));
  exchange(server_->port(), "GET /metrics HTTP/9.9\r\n\r\n");
  exchange(server_->port(), "GET\r\n\r\n");
  const std::string large = "GET /metrics HTTP/1.1\r\nX: " + std::string(7000, 'a') + "\r\n";
  EXPECT_THAT(exchange(server_->port(), large + "Y: " + std::string(1165, 'b')), Not(StartsWith("HTTP/1.1 200")));
  EXPECT_THAT(get("/metrics"), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, GivesUpOnClientsThatSendNothing) {
  options_.request_timeout = std::chrono::seconds(1);
  options_.threads = 2;
  start();
  std::vector<UniqueFd> silent;
  for (int i = 0; i < 6; ++i) silent.push_back(connect_to(server_->port()));
  for (const UniqueFd& fd : silent) {
    ASSERT_EQ(::send(fd.get(), "GET /me", 7, MSG_NOSIGNAL), 7);
  }
  EXPECT_THAT(get("/healthz"), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, AnswersManyClientsAtOnce) {
  start();
  std::atomic<int> answered{0};
  std::vector<std::thread> clients;
  for (int c = 0; c < 8; ++c) {
    clients.emplace_back([&] {
      for (int n = 0; n < 20; ++n) {
        if (get("/metrics").find("vividd_jobs 1") != std::string::npos) ++answered;
      }
    });
  }
  for (auto& client : clients) client.join();
  EXPECT_EQ(answered, 160);
}

TEST_F(HttpServerTest, SaysThatAPortIsTaken) {
  start();
  HttpOptions second = options_;
  second.port = server_->port();
  const auto refused = HttpServer::start(second, clock_);
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message, HasSubstr("127.0.0.1:" + std::to_string(server_->port())));
  EXPECT_THAT(get("/metrics"), StartsWith("HTTP/1.1 200"));
}

}  // namespace
}  // namespace vivid::daemon
