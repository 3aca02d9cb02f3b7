#include "tests/unit/daemon/control/control_fixture.h"

namespace vivid::daemon {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

class ControlBounds : public ControlFixture {};

// --- Bounds ----------------------------------------------------------------------------------------------------------

TEST_F(ControlBounds, RefusesALineOverTheBoundAndHangsUp) {
  options_.max_request_bytes = 1000;
  open();
  Client fits = connect();
  std::string exact = request(1, "echo", {{"a", ""}});
  exact.insert(exact.find("\"\"") + 1, std::string(1000 - (exact.size() - 1), 'x'));
  fits.send(exact);
  EXPECT_EQ(receive(fits, 1)[0]["id"], 1);
  Client client = connect();
  client.send(std::string(300'000, 'x'));
  const Json error = receive(client, 1)[0];
  EXPECT_EQ(error["error"]["data"]["code"], "too_large");
  EXPECT_THAT(error["error"]["message"].get<std::string>(), HasSubstr("1000 bytes"));
  wait_for_end(client);
  fits.send(request(2, "echo"));
  EXPECT_EQ(receive(fits, 1)[0]["id"], 2);
}

TEST_F(ControlBounds, LetsRequestsOverTheRateWait) {
  options_.max_requests_per_second = 20;
  open();
  Client client = connect();
  std::string burst;
  for (int id = 1; id <= 25; ++id) burst += request(id, "echo");
  client.send(burst);
  run_until([&] { return handler_.handled >= 20; });
  EXPECT_EQ(handler_.handled, 20) << "one second's worth at once";
  Client other = connect();
  other.send(request(1, "echo"));
  EXPECT_EQ(receive(other, 1)[0]["id"], 1) << "the rate is each client's own";
  EXPECT_EQ(receive(client, 25).back()["id"], 25) << "nothing is lost";
}

TEST_F(ControlBounds, LeavesRequestsUnreadWhileTooManyAreInFlight) {
  options_.max_calls_in_flight = 4;
  options_.max_request_bytes = 100'000;
  open();
  Client client = connect();
  std::string flood;
  for (int id = 1; id <= 5000; ++id) flood += request(id, "hold", {{"pad", std::string(200, 'x')}});
  client.send(flood);
  run_until([&] { return handler_.handled == 4; });
  for (int i = 0; i < 200; ++i) {
    client.pump_out();
    uv_run(&loop_, UV_RUN_NOWAIT);
  }
  EXPECT_EQ(handler_.handled, 4);
  EXPECT_FALSE(client.sent_all()) << "the rest stays with the client";
  handler_.held[0].result("0");
  run_until([&] { return handler_.handled == 5; });
}

TEST_F(ControlBounds, TurnsAwayAClientTooMany) {
  options_.max_connections = 2;
  open();
  std::vector<Client> clients;
  for (int i = 0; i < 2; ++i) {
    clients.push_back(connect());
    clients.back().send(request(i, "echo"));
    receive(clients.back(), 1);
  }
  Client third = connect();
  const Json error = receive(third, 1)[0];
  EXPECT_EQ(error["error"]["data"], Json::parse(R"({"code":"resource_exhausted","retryable":true})"));
  EXPECT_THAT(error["error"]["message"].get<std::string>(), HasSubstr("2 control connections"));
  wait_for_end(third);
  EXPECT_EQ(server_->stats().connections_refused, 1);
  clients.pop_back();
  run_until([&] { return server_->stats().connections == 1; });
  Client fourth = connect();
  fourth.send(request(4, "echo"));
  EXPECT_EQ(receive(fourth, 1)[0]["id"], 4);
}

TEST_F(ControlBounds, IdleClientsMakeRoomForANewOneBusyOnesDoNot) {
  options_.max_connections = 2;
  options_.idle_eviction = milliseconds(0);
  open();
  Client idle = connect();
  idle.send(request(1, "echo"));
  receive(idle, 1);
  Client watching = connect();
  watching.send(request(2, "watch"));
  receive(watching, 1);
  Client third = connect();
  third.send(request(3, "hold"));
  run_until([&] { return handler_.held.size() == 1; });
  wait_for_end(idle);
  Client fourth = connect();
  EXPECT_EQ(receive(fourth, 1)[0]["error"]["data"]["code"], "resource_exhausted");
  EXPECT_FALSE(watching.ended());
}

TEST_F(ControlBounds, DisconnectsAClientThatReadsNoAnswersAndServesTheOthers) {
  options_.max_pending_output_bytes = 200'000;
  open();
  Client slow = connect();
  std::string asks;
  for (int id = 1; id <= 40; ++id) asks += request(id, "large", {{"bytes", 50'000}});
  slow.send(asks);
  run_until([&] { return server_->stats().clients_too_slow == 1; });
  EXPECT_LT(handler_.handled, 40);
  Client other = connect();
  other.send(request(1, "echo"));
  EXPECT_EQ(receive(other, 1)[0]["id"], 1);
  run_until([&] { return server_->stats().connections == 1; });
}

TEST_F(ControlBounds, SendsOneAnswerLargerThanTheBound) {
  options_.max_pending_output_bytes = 100'000;
  open();
  Client client = connect();
  client.send(request(1, "large", {{"bytes", 3'000'000}}));
  EXPECT_EQ(receive(client, 1)[0]["result"].get<std::string>().size(), 3'000'000U);
}

// --- Streams ---------------------------------------------------------------------------------------------------------

TEST_F(ControlBounds, SendsNotificationsAfterTheAnswer) {
  open();
  Client client = connect();
  client.send(request(1, "watch") + request(2, "echo"));
  run_until([&] { return handler_.subscriptions.size() == 1; });
  handler_.subscriptions[0].notify("a", "progress", R"({"job":"a","fraction":0.5})");
  const auto messages = receive(client, 3);
  EXPECT_EQ(messages[0]["result"]["watching"], true);
  EXPECT_EQ(messages[1]["id"], 2);
  EXPECT_EQ(messages[2], Json::parse(R"({"jsonrpc":"2.0","method":"progress","params":{"job":"a","fraction":0.5}})"));
}

TEST_F(ControlBounds, ASlowWatcherGetsTheNewestOfEachJobAndAnswersStillFit) {
  open();
  Client client = connect();
  client.send(request(1, "watch"));
  run_until([&] { return handler_.subscriptions.size() == 1; });
  const std::string padding(1000, 'p');
  for (int n = 1; n <= 20'000; ++n) {
    const Json params = {{"job", n % 2 == 0 ? "even" : "odd"}, {"n", n}, {"pad", padding}};
    handler_.subscriptions[0].notify(params["job"], "progress", params.dump());
    if (n % 100 == 0) uv_run(&loop_, UV_RUN_NOWAIT);
  }
  EXPECT_TRUE(handler_.subscriptions[0].active()) << "progress alone never costs a client its connection";
  EXPECT_EQ(server_->stats().notifications_dropped, 0) << "the newest of two jobs fit";
  int even = 0;
  int odd = 0;
  int received = 0;
  run_until([&] {
    client.pump_in();
    for (const Json& message : client.take()) {
      if (!message.contains("params")) continue;
      ++received;
      int& newest = message["params"]["job"] == "even" ? even : odd;
      EXPECT_GT(message["params"]["n"], newest) << "never an older one after a newer one";
      newest = message["params"]["n"];
    }
    return even == 20'000 && odd == 19'999;
  });
  EXPECT_LT(received, 5000);
  client.send(request(2, "echo"));
  EXPECT_EQ(receive(client, 1)[0]["id"], 2);
}

TEST_F(ControlBounds, DropsNotificationsOfMoreJobsThanFit) {
  options_.max_pending_output_bytes = 100'000;
  open();
  Client client = connect();
  client.send(request(1, "watch"));
  run_until([&] { return handler_.subscriptions.size() == 1; });
  const std::string padding(1000, 'p');
  for (int n = 1; n <= 3000; ++n) {
    handler_.subscriptions[0].notify("job" + std::to_string(n), "progress", "\"" + padding + "\"");
  }
  EXPECT_GT(server_->stats().notifications_dropped, 1000);
  EXPECT_TRUE(handler_.subscriptions[0].active());
}

TEST_F(ControlBounds, BoundsTheStreamsOfOneConnection) {
  open();
  Client client = connect();
  std::string asks;
  for (int id = 1; id <= 17; ++id) asks += request(id, "watch");
  client.send(asks);
  const auto answers = receive(client, 17);
  EXPECT_TRUE(answers[15].contains("result"));
  EXPECT_EQ(answers[16]["error"]["data"]["code"], "resource_exhausted");
  EXPECT_FALSE(handler_.subscriptions[16].active());
}

}  // namespace
}  // namespace vivid::daemon
