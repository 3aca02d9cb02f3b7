// The small parts: secrets, URLs, the shared rate.
#include <gtest/gtest.h>

#include "sync/http/secret.h"
#include "sync/http/send_budget.h"
#include "sync/http/url.h"

namespace vivid::sync {
namespace {

using std::chrono::milliseconds;

TEST(Secret, IsTakenOutOfWhatOthersSay) {
  const Secret secret("token");
  EXPECT_EQ(without("Bearer token, token", secret), "Bearer …, …");
  EXPECT_EQ(without("nothing", Secret()), "nothing");
}

TEST(Secret, MovedFromOneIsEmpty) {
  Secret first("token");
  const Secret second = std::move(first);
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(second.reveal(), "token");
}

TEST(Url, NamesAreEncodedWhole) {
  EXPECT_EQ(percent_encoded("a/b c+ü~"), "a%2Fb%20c%2B%C3%BC~");
  EXPECT_EQ(form_encoded({{"a", "1&2"}, {"b", ""}}), "a=1%262&b=");
}

TEST(Url, HostIsFound) {
  EXPECT_EQ(host_of("https://storage.googleapis.com/x?y@z"), "storage.googleapis.com");
  EXPECT_EQ(host_of("http://user:pw@127.0.0.1:80/"), "127.0.0.1");
  EXPECT_EQ(host_of("http://[::1]:80/"), "::1");
  for (const char* text : {"ftp://a", "", "a", "file:///etc"}) EXPECT_EQ(host_of(text), "") << text;
}

TEST(Url, OnlyThisMachineIsLoopback) {
  for (const char* host : {"localhost", "127.0.0.1", "127.9.9.9", "::1"}) EXPECT_TRUE(is_loopback(host)) << host;
  for (const char* host : {"127.0.0.1.example", "128.0.0.1", "::", "", "2130706433", "localhost."}) {
    EXPECT_FALSE(is_loopback(host)) << host;
  }
}

TEST(SendBudget, GivesNoMoreThanItsRate) {
  SendBudget budget(1'000);
  SteadyTime now{};
  now += std::chrono::hours(1);
  std::size_t taken = budget.take(10'000, now);  // the burst
  EXPECT_EQ(taken, 250U);
  EXPECT_EQ(budget.take(10'000, now), 0U);
  for (int i = 0; i < 100; ++i) {
    now += milliseconds(10);
    taken += budget.take(10'000, now);
  }
  EXPECT_NEAR(static_cast<double>(taken), 1'250.0, 2.0);
}

TEST(SendBudget, WithoutARateThereIsNoLimit) {
  SendBudget budget(0);
  EXPECT_EQ(budget.take(1 << 20, {}), 1U << 20);
}

}  // namespace
}  // namespace vivid::sync
