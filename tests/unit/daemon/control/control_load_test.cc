// Requests that are large, one by one or together.
#include <array>
#include <mutex>

#include "daemon/control/byte_budget.h"
#include "tests/unit/daemon/control/control_fixture.h"

namespace vivid::daemon {
namespace {

constexpr std::size_t kMiB = 1024 * 1024;

TEST(ByteBudget, WakesOneAfterTheOtherWhenRoomIsFree) {
  const auto budget = std::make_shared<ByteBudget>(100);
  std::vector<int> woken;
  auto first = budget->hold(60);
  EXPECT_FALSE(budget->exhausted());
  auto second = budget->hold(60);
  EXPECT_TRUE(budget->exhausted());
  budget->wait([&] { return woken.push_back(1), false; });  // gone meanwhile
  budget->wait([&] { return woken.push_back(2), true; });
  budget->wait([&] { return woken.push_back(3), true; });
  budget->wake_next();
  EXPECT_TRUE(woken.empty());
  first.reset();
  EXPECT_EQ(woken, (std::vector<int>{1, 2}));
  budget->wake_next();
  EXPECT_EQ(woken, (std::vector<int>{1, 2, 3}));
}

class ControlLoad : public ControlFixture {
 protected:
  static Json pad(std::size_t bytes) { return {{"pad", std::string(bytes, 'x')}}; }
  // Turns the loop and feeds the clients until nothing moves.
  void feed(std::vector<Client>& clients) {
    for (int turns = 0; turns < 3000; ++turns) {
      for (Client& client : clients) client.pump_out();
      uv_run(&loop_, UV_RUN_NOWAIT);
    }
  }
};

// Keeps all of libuv's threads busy, so that what is parsed there has to wait.
class BusyThreads {
 public:
  explicit BusyThreads(uv_loop_t* loop) {
    gate_.lock();
    for (uv_work_t& work : works_) {
      work.data = &gate_;
      const auto wait = [](uv_work_t* task) noexcept { std::lock_guard(*static_cast<std::mutex*>(task->data)); };
      uv_queue_work(loop, &work, wait, [](uv_work_t*, int) noexcept {});
    }
  }
  void release() { gate_.unlock(); }

 private:
  std::mutex gate_;
  std::array<uv_work_t, 16> works_{};
};

TEST_F(ControlLoad, LongRequestIsParsedAsideAndOthersAreAnsweredMeanwhile) {
  open();
  BusyThreads busy(&loop_);
  Client large = connect();
  large.send(request(1, "echo", pad(3 * kMiB)) + request(2, "echo"));
  run_until([&] {
    large.pump_out();
    return large.sent_all();
  });
  settle();
  EXPECT_EQ(handler_.handled, 0);
  Client other = connect();
  other.send(request(7, "echo"));
  EXPECT_EQ(receive(other, 1)[0]["id"], 7);
  EXPECT_EQ(handler_.handled, 1) << "those behind the long one wait for it";
  busy.release();
  const auto answers = receive(large, 2);
  EXPECT_EQ(answers[0]["id"], 1);
  EXPECT_EQ(answers[1]["id"], 2);
}

TEST_F(ControlLoad, LongGarbageIsRefusedInItsTurn) {
  open();
  Client client = connect();
  client.send(request(1, "echo") + "{\"a\":" + std::string(kMiB, '[') + "\n" + "{" + std::string(kMiB, ' ') + "\n" +
              request(2, "echo"));
  const auto answers = receive(client, 4);
  EXPECT_EQ(answers[0]["id"], 1);
  EXPECT_EQ(answers[1]["error"]["code"], -32600) << "nested too deeply";
  EXPECT_EQ(answers[2]["error"]["code"], -32700);
  EXPECT_EQ(answers[3]["id"], 2);
}

TEST_F(ControlLoad, ClientThatHangsUpWhileItsRequestIsParsedLeavesNothingBehind) {
  open();
  Client client = connect();
  client.send(request(1, "echo", pad(kMiB)));
  run_until([&] {
    client.pump_out();
    return client.sent_all();
  });
  client.hang_up();
  run_until([&] { return server_->stats().connections == 0; });
  Client other = connect();
  other.send(request(2, "echo"));
  EXPECT_EQ(receive(other, 1)[0]["id"], 2);
}

TEST_F(ControlLoad, LargeRequestsWaitUnreadWhileTheBytesOfUnansweredOnesAreSpent) {
  options_.max_bytes_in_flight = 2 * kMiB;
  open();
  std::vector<Client> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(connect());
    clients.back().send(request(1, "hold", pad(kMiB)) + request(2, "hold", pad(kMiB)));
  }
  run_until([&] {
    for (Client& client : clients) client.pump_out();
    return handler_.handled >= 2;
  });
  feed(clients);
  EXPECT_EQ(handler_.handled, 2) << "2 MiB of 16";
  Client small = connect();
  small.send(request(1, "echo"));
  EXPECT_EQ(receive(small, 1)[0]["id"], 1) << "small requests are taken all the same";
  // Each answer lets the next request in, until all had their turn.
  int answered = 0;
  run_until([&] {
    for (Client& client : clients) client.pump_out();
    for (Responder& responder : handler_.held) {
      if (responder.waiting()) responder.result("1"), ++answered;
    }
    return answered == 16;
  });
}

TEST_F(ControlLoad, BytesOfAClientThatIsGoneCountUntilTheHandlerIsDone) {
  options_.max_bytes_in_flight = kMiB;
  open();
  {
    Client gone = connect();
    gone.send(request(1, "hold", pad(kMiB)));
    run_until([&] {
      gone.pump_out();
      return handler_.held.size() == 1;
    });
  }
  run_until([&] { return server_->stats().connections == 0; });
  std::vector<Client> clients;
  clients.push_back(connect());
  clients.back().send(request(2, "echo", pad(kMiB / 2)));
  feed(clients);
  EXPECT_EQ(handler_.handled, 1);
  handler_.held.clear();
  EXPECT_EQ(receive(clients.back(), 1)[0]["id"], 2);
}

}  // namespace
}  // namespace vivid::daemon
