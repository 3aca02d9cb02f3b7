#include "tests/unit/daemon/control/control_fixture.h"

#include <fstream>
#include <random>

namespace vivid::daemon {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;

class ControlServerTest : public ControlFixture {};

// --- Requests and answers --------------------------------------------------------------------------------------------

TEST_F(ControlServerTest, AnswersAndKnowsWhoAsks) {
  open();
  Client client = connect();
  client.send(request(1, "echo", {{"text", "zwölf\n"}}));
  const Json answer = receive(client, 1)[0];
  EXPECT_EQ(answer, Json::parse(R"({"jsonrpc":"2.0","id":1,"result":{"text":"zwölf\n"}})"));
  EXPECT_EQ(handler_.peer.uid, ::getuid());
  EXPECT_EQ(handler_.peer.gid, ::getgid());
  EXPECT_EQ(handler_.peer.pid, ::getpid());
}

TEST_F(ControlServerTest, TakesPartsOfLinesAndManyLinesInOneWrite) {
  open();
  Client client = connect();
  const std::string one = request(1, "echo");
  for (const char c : one) {
    client.send(std::string(1, c));
    uv_run(&loop_, UV_RUN_NOWAIT);
  }
  EXPECT_EQ(receive(client, 1)[0]["id"], 1);
  std::string many;
  for (int id = 2; id < 202; ++id) many += request(id, "echo") + (id % 2 == 0 ? "\r\n" : "");
  client.send(many);
  const auto answers = receive(client, 200);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(answers[static_cast<std::size_t>(i)]["id"], i + 2);
}

TEST_F(ControlServerTest, KeepsTheOrderOfAnswersUnlessOneWaits) {
  open();
  Client client = connect();
  client.send(request(1, "wait") + request(2, "hold") + request(3, "echo") + request(4, "hold") + request(5, "echo"));
  run_until([&] { return handler_.handled == 5; });
  settle();
  client.pump_in();
  EXPECT_TRUE(client.take().empty()) << "3 has to wait for 2";
  handler_.held[2].result("4");
  handler_.held[1].result("2");
  const auto answers = receive(client, 4);
  EXPECT_THAT((std::vector<int>{answers[0]["id"], answers[1]["id"], answers[2]["id"], answers[3]["id"]}),
              ElementsAre(2, 3, 4, 5));
  handler_.held[0].result("1");
  EXPECT_EQ(receive(client, 1)[0]["id"], 1);
}

TEST_F(ControlServerTest, GoesOnAfterABadLineAndIgnoresNotifications) {
  open();
  Client client = connect();
  client.send("not json\n\n{\"jsonrpc\":\"2.0\",\"method\":\"echo\"}\n[]\n" + request(9, "fly") + request(10, "echo"));
  const auto answers = receive(client, 4);
  EXPECT_EQ(answers[0]["error"]["code"], -32700);
  EXPECT_EQ(answers[1]["error"]["code"], -32600);
  EXPECT_EQ(answers[2]["error"]["code"], -32601);
  EXPECT_EQ(answers[3]["id"], 10);
  EXPECT_EQ(handler_.handled, 2);
  EXPECT_THAT(handler_.outcomes, ElementsAre(":parse_error", ":invalid_request", "fly:method_not_found", "echo:ok"));
}

TEST_F(ControlServerTest, AnswersForAHandlerThatForgets) {
  open();
  Client client = connect();
  client.send(request(1, "drop") + request(2, "fail"));
  const auto answers = receive(client, 2);
  EXPECT_EQ(answers[0]["error"]["code"], -32603);
  EXPECT_EQ(answers[1]["error"]["data"], Json::parse(R"({"code":"disk_full","retryable":true})"));
}

TEST_F(ControlServerTest, AnswersAClientThatSaysItIsDone) {
  open();
  Client client = connect();
  client.send(request(1, "hold") + R"({"jsonrpc":"2.0","id":2,"method":"echo"})");
  client.half_close();
  run_until([&] { return handler_.handled == 2; });
  handler_.held[0].result("true");
  EXPECT_EQ(receive(client, 2)[1]["id"], 2);
  wait_for_end(client);
}

TEST_F(ControlServerTest, RespondersOutliveTheirClientsAndTheServer) {
  open();
  Client client = connect();
  client.send(request(1, "hold") + request(2, "watch"));
  run_until([&] { return handler_.handled == 2; });
  EXPECT_TRUE(handler_.held[0].waiting());
  EXPECT_TRUE(handler_.subscriptions[0].active());
  client.hang_up();
  run_until([&] { return server_->stats().connections == 0; });
  EXPECT_FALSE(handler_.held[0].waiting());
  EXPECT_FALSE(handler_.subscriptions[0].active());
  handler_.held[0].result("1");
  handler_.subscriptions[0].notify("job", "progress", "{}");
  Client second = connect();
  second.send(request(3, "hold"));
  run_until([&] { return handler_.handled == 3; });
  server_.reset();
  settle();
  handler_.held[1].result("1");
}

// --- Closing ---------------------------------------------------------------------------------------------------------

TEST_F(ControlServerTest, ClosesAfterAnsweringEverybody) {
  open();
  Client client = connect();
  client.send(request(1, "hold") + request(2, "watch") + request(3, "large", {{"bytes", 1'000'000}}));
  run_until([&] { return handler_.handled == 3; });
  bool closed = false;
  server_->close(std::chrono::seconds(10), [&] { closed = true; });
  EXPECT_FALSE(fs::exists(options_.socket));
  EXPECT_FALSE(handler_.held[0].waiting());
  const auto answers = receive(client, 3);
  const auto stopped = std::find_if(answers.begin(), answers.end(), [](const Json& one) { return one["id"] == 1; });
  EXPECT_EQ((*stopped)["error"]["data"], Json::parse(R"({"code":"unavailable","retryable":true})"));
  wait_for_end(client);
  run_until([&] { return closed; });
}

TEST_F(ControlServerTest, ClosesAtTheDeadlineWhenAClientDoesNotRead) {
  open();
  Client client = connect();
  client.send(request(1, "large", {{"bytes", 3'000'000}}));
  run_until([&] { return handler_.handled == 1; });
  bool closed = false;
  server_->close(milliseconds(50), [&] { closed = true; });
  run_until([&] { return closed; });
}

TEST_F(ControlServerTest, LeavesASocketFileThatIsAnothersNow) {
  open();
  fs::remove(options_.socket);
  std::ofstream(options_.socket) << "another's";
  server_.reset();
  EXPECT_TRUE(fs::exists(options_.socket));
}

// --- Many clients ----------------------------------------------------------------------------------------------------

TEST_F(ControlServerTest, ServesManyClientsAtOnce) {
  open();
  std::vector<Client> clients;
  for (int c = 0; c < 50; ++c) clients.push_back(connect());
  for (int c = 0; c < 50; ++c) {
    for (int n = 0; n < 20; ++n) clients[static_cast<std::size_t>(c)].send(request(c * 100 + n, "echo"));
  }
  for (int c = 0; c < 50; ++c) {
    const auto answers = receive(clients[static_cast<std::size_t>(c)], 20);
    for (int n = 0; n < 20; ++n) EXPECT_EQ(answers[static_cast<std::size_t>(n)]["id"], c * 100 + n);
  }
}

TEST_F(ControlServerTest, SurvivesClientsThatSendGarbageAndHangUp) {
  options_.max_request_bytes = 5000;
  open();
  std::mt19937 random(11);
  const std::string valid = request(1, "echo") + request(2, "watch") + request(3, "hold");
  for (int round = 0; round < 300; ++round) {
    Client client = connect();
    std::string bytes = valid.substr(0, random() % valid.size());
    for (auto i = random() % 3000; i > 0; --i) bytes += static_cast<char>(random() % 7 == 0 ? '\n' : random());
    client.send(bytes);
    if (round % 3 == 0) uv_run(&loop_, UV_RUN_NOWAIT);
    if (round % 5 == 0) client.half_close();
    uv_run(&loop_, UV_RUN_NOWAIT);
    client.hang_up();
  }
  run_until([&] { return server_->stats().connections == 0; });
  Client client = connect();
  client.send(request(7, "echo"));
  EXPECT_EQ(receive(client, 1)[0]["id"], 7);
}

}  // namespace
}  // namespace vivid::daemon
