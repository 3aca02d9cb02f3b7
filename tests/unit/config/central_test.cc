#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/config.h"

namespace vivid::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Result<Config> load_yaml(const std::string& yaml) { return load_text(yaml, "t.yaml", {}); }

std::string complaint(const std::string& yaml) {
  const auto config = load_yaml(yaml);
  EXPECT_FALSE(config);
  return config ? "" : config.error().message;
}

TEST(Central, PasswordIsNeitherPrintedNorQuoted) {
  const auto config = load_yaml("central: {database: \"postgresql://vivid:hush@db/v\"}\n");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->central.database, "postgresql://vivid:hush@db/v");
  EXPECT_THAT(to_yaml(*config), HasSubstr("database: \"postgresql://vivid:…@db/v\""));
  EXPECT_THAT(to_yaml(*config), Not(HasSubstr("hush")));
  EXPECT_THAT(complaint("central: {database: \"postgresql://vivid:hush\\u0007@db/v\"}\n"), Not(HasSubstr("hush")));
}

TEST(Central, AnotherPasswordIsAChange) {
  const auto before = load_yaml("central: {database: \"postgresql://vivid:one@db/v\"}\n");
  const auto after = load_yaml("central: {database: \"postgresql://vivid:two@db/v\"}\n");
  EXPECT_THAT(changed_keys(*before, *after), ElementsAre("central.database"));
}

TEST(Central, LeaseLeavesRoomForRenewals) {
  EXPECT_TRUE(load_yaml("central: {lease: 30s, renew_interval: 10s}\n"));
  EXPECT_THAT(complaint("central: {lease: 30s}\n"), HasSubstr("at most a third of central.lease"));
  EXPECT_THAT(complaint("central: {poll_minimum: 20s}\n"), HasSubstr("at most central.poll_maximum"));
  EXPECT_THAT(complaint("central: {statement_timeout: 1m}\n"), HasSubstr("less than central.lease"));
}

TEST(Prices, StayTheDecimalsThatWereWritten) {
  const auto config = load_yaml("prices: {script_usd: 0.10, stored_byte_usd: 0.000000000001}\n");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->prices.script_usd, "0.10");
  EXPECT_THAT(to_yaml(*config), HasSubstr("stored_byte_usd: 0.000000000001\n"));
}

TEST(Prices, RefusesWhatWouldHaveToBeRounded) {
  for (const char* wrong : {"0.0000000000001", "2e-11", "-1", ".5", "1.", "1000", "free", "\"\""}) {
    EXPECT_THAT(complaint(std::string("prices: {gpu_second_usd: ") + wrong + "}\n"),
                HasSubstr("at most 12 digits after the point"))
        << wrong;
  }
}

}  // namespace
}  // namespace vivid::config
