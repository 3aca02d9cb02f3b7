#include "daemon/vividctl/forecast.h"

#include <gtest/gtest.h>

#include "daemon/vividctl/cost_view.h"

namespace vivid::ctl {
namespace {

Forecast plan() {
  Forecast forecast;
  forecast.requests_per_day = 10'000;
  return forecast;
}

TEST(Forecast, ReproducesThePlan) {
  EXPECT_EQ(reckon(plan(), 0).usd, "730000");
  EXPECT_EQ(reckon(plan(), 300'000).usd, "529615");
  EXPECT_EQ(reckon(plan(), 500'000).usd, "396025");
  EXPECT_EQ(reckon(plan(), 700'000).usd, "262435");
  EXPECT_EQ(reckon(plan(), 300'000).saved_usd, "200385");
  EXPECT_EQ(reckon(plan(), 300'000).usd_a_day, "1451");
}

TEST(Forecast, StaysExactAtItsBounds) {
  Forecast most;
  most.requests_per_day = kMaxRequestsPerDay;
  most.days = kMaxForecastDays;
  most.video_cost = 1'000'000'000'000;
  EXPECT_EQ(reckon(most, 0).usd, "36500000000000000000");
  EXPECT_EQ(reckon(most, 1).usd, "36499963500000620500");
}

TEST(Forecast, RoundsToAMillionthAndMaySaveLessThanNothing) {
  Forecast odd;
  odd.requests_per_day = 1;
  odd.days = 1;
  odd.text_cost = 3;
  odd.video_cost = 2;
  EXPECT_EQ(reckon(odd, 500'000).usd, "0.000003");
  EXPECT_EQ(reckon(odd, kWholeShare).saved_usd, "-0.000001");
}

TEST(Forecast, ReadsSharesAsPartOrPercentage) {
  EXPECT_EQ(parse_share("0.3"), 300'000);
  EXPECT_EQ(parse_share("30%"), 300'000);
  EXPECT_EQ(parse_share("33.3333 %"), 333'333);
  EXPECT_EQ(parse_share("1"), kWholeShare);
  for (const char* wrong : {"", "%", "1.1", "101%", "-0.1", "x", "0.1234567", "33.33333%"}) {
    EXPECT_EQ(parse_share(wrong), std::nullopt) << wrong;
  }
  EXPECT_EQ(share_text(300'000), "30%");
  EXPECT_EQ(share_text(333'333), "33.3333%");
}

TEST(Forecast, ShowsWholeDollarsAsInThePlan) {
  EXPECT_EQ(render_forecast(plan(), {0, 300'000}, Terminal{}),
            "10,000 requests a day; text alone $0.017, video $0.200 a request\n"
            "TEXT ONLY   A DAY    A YEAR     SAVED\n"
            "all video  $2,000  $730,000         -\n"
            "      30%  $1,451  $529,615  $200,385\n");
}

}  // namespace
}  // namespace vivid::ctl
