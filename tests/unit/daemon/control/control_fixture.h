// A control server on a loop that the test turns, with clients that never block.
#pragma once

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/files.h"
#include "daemon/control/control_server.h"
#include "tests/support/temporary_folder.h"

namespace vivid::daemon {

namespace fs = std::filesystem;
using Json = nlohmann::json;

inline std::string request(int id, const std::string& method, const Json& params = Json::object()) {
  return Json{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}}.dump() + "\n";
}

// A client that never blocks: bytes out are kept until they go, bytes in until they are asked for.
class Client {
 public:
  explicit Client(const fs::path& path) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.native().copy(address.sun_path, sizeof(address.sun_path) - 1);
    connected_ = ::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
    ::fcntl(fd_.get(), F_SETFL, O_NONBLOCK);
  }
  bool connected() const { return connected_; }
  void send(std::string_view bytes) {
    out_ += bytes;
    pump_out();
  }
  void pump_out() {
    const ssize_t sent = ::send(fd_.get(), out_.data(), out_.size(), MSG_NOSIGNAL);
    if (sent > 0) out_.erase(0, static_cast<std::size_t>(sent));
  }
  bool sent_all() const { return out_.empty(); }
  void pump_in() {
    char buffer[65536];
    for (;;) {
      const ssize_t count = ::recv(fd_.get(), buffer, sizeof(buffer), 0);
      if (count > 0) {
        in_.append(buffer, static_cast<std::size_t>(count));
        continue;
      }
      if (count == 0 || (errno != EAGAIN && errno != EINTR)) ended_ = true;
      return;
    }
  }
  std::vector<Json> take() {
    std::vector<Json> messages;
    for (std::size_t end; (end = in_.find('\n')) != std::string::npos; in_.erase(0, end + 1)) {
      messages.push_back(Json::parse(in_.substr(0, end)));
    }
    return messages;
  }
  bool ended() const { return ended_; }
  void half_close() { ::shutdown(fd_.get(), SHUT_WR); }
  void hang_up() { fd_.reset(); }

 private:
  UniqueFd fd_;
  bool connected_ = false;
  bool ended_ = false;
  std::string out_;
  std::string in_;
};

// echo answers its params, large its params.bytes of text, hold keeps the responder, wait too but out of order, watch
// subscribes, drop forgets the responder.
class TestHandler : public ControlHandler {
 public:
  void handle(Call call) override {
    ++handled;
    peer = call.peer;
    if (call.method == "echo") return call.responder.result(call.params);
    if (call.method == "large") {
      const auto bytes = Json::parse(call.params)["bytes"].get<std::size_t>();
      return call.responder.result("\"" + std::string(bytes, 'x') + "\"");
    }
    if (call.method == "fail") return call.responder.fail({ErrorCode::disk_full, "no space"});
    if (call.method == "drop") return;
    if (call.method == "watch") {
      subscriptions.push_back(call.responder.subscribe(R"({"watching":true})"));
      return;
    }
    if (call.method == "wait") call.responder.answer_out_of_order();
    if (call.method == "hold" || call.method == "wait") {
      held.push_back(std::move(call.responder));
      return;
    }
    call.responder.method_not_found(call.method);
  }
  void answered(std::string_view method, std::string_view outcome, std::chrono::microseconds) override {
    outcomes.push_back(std::string(method) + ":" + std::string(outcome));
  }

  int handled = 0;
  Peer peer;
  std::vector<Responder> held;
  std::vector<Subscription> subscriptions;
  std::vector<std::string> outcomes;
};

class ControlFixture : public ::testing::Test {
 protected:
  ControlFixture() {
    options_.socket = directory_ / "control.sock";
    uv_loop_init(&loop_);
  }
  ~ControlFixture() override {
    handler_.held.clear();
    handler_.subscriptions.clear();
    server_.reset();
    while (uv_run(&loop_, UV_RUN_NOWAIT) != 0) {
    }
    EXPECT_EQ(uv_loop_close(&loop_), 0) << "a handle was left behind";
  }

  void open() {
    auto opened = ControlServer::open(&loop_, options_, handler_);
    ASSERT_TRUE(opened.has_value()) << opened.error().describe();
    server_ = std::move(*opened);
  }
  Client connect() { return Client(options_.socket); }

  // Runs the loop until `done`, or fails after a time that no machine needs.
  void run_until(const std::function<bool()>& done) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!done()) {
      ASSERT_LT(std::chrono::steady_clock::now(), limit) << "nothing happens any more";
      uv_run(&loop_, UV_RUN_NOWAIT);
    }
  }
  void settle() {
    for (int i = 0; i < 20; ++i) uv_run(&loop_, UV_RUN_NOWAIT);
  }
  std::vector<Json> receive(Client& client, std::size_t count) {
    std::vector<Json> messages;
    run_until([&] {
      client.pump_out();
      client.pump_in();
      for (Json& message : client.take()) messages.push_back(std::move(message));
      return messages.size() >= count || client.ended();
    });
    EXPECT_EQ(messages.size(), count);
    return messages;
  }
  void wait_for_end(Client& client) {
    run_until([&] {
      client.pump_in();
      return client.ended();
    });
  }

  uv_loop_t loop_{};
  const test::TemporaryFolder folder_;
  const fs::path& directory_ = folder_.path();
  ControlOptions options_;
  TestHandler handler_;
  std::unique_ptr<ControlServer> server_;
};

}  // namespace vivid::daemon
