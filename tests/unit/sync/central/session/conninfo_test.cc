#include "sync/central/session/conninfo.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace vivid::sync {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

std::string of(const Keywords& keywords, const std::string& name) {
  const auto found =
      std::find_if(keywords.begin(), keywords.end(), [&](const auto& pair) { return pair.first == name; });
  return found == keywords.end() ? "(none)" : found->second;
}

Conninfo read(const std::string& url) {
  auto conninfo = conninfo_of(url, "vividd", seconds(10));
  EXPECT_TRUE(conninfo) << conninfo.error().message;
  return conninfo ? *conninfo : Conninfo{{{}}, seconds(0)};
}

TEST(Conninfo, AddsWhatNoticesADeadServer) {
  const Conninfo conninfo = read("postgresql://vividd@db/vividly");
  ASSERT_EQ(conninfo.hosts.size(), 1U);
  const Keywords& host = conninfo.hosts[0];
  EXPECT_EQ(of(host, "host"), "db");
  EXPECT_EQ(of(host, "dbname"), "vividly");
  EXPECT_EQ(of(host, "fallback_application_name"), "vividd");
  EXPECT_EQ(of(host, "keepalives_idle"), "10");
  EXPECT_EQ(of(host, "tcp_user_timeout"), "20000");
  EXPECT_EQ(conninfo.connect_timeout, seconds(10));
}

TEST(Conninfo, LetsTheOperatorsUrlWin) {
  for (const char* url : {"postgresql://db/v?connect_timeout=3&keepalives_idle=60&application_name=mine",
                          "host=db dbname=v connect_timeout=3 keepalives_idle=60 application_name=mine"}) {
    const Conninfo conninfo = read(url);
    EXPECT_EQ(conninfo.connect_timeout, seconds(3));
    EXPECT_EQ(of(conninfo.hosts[0], "keepalives_idle"), "60");
    EXPECT_EQ(of(conninfo.hosts[0], "application_name"), "mine");
  }
}

TEST(Conninfo, ReadsTimeLimitsAsLibpqDoes) {
  EXPECT_EQ(read("connect_timeout=0").connect_timeout, seconds(0));
  EXPECT_EQ(read("connect_timeout=-1").connect_timeout, seconds(0));
  EXPECT_EQ(read("connect_timeout=1").connect_timeout, seconds(2));
}

TEST(Conninfo, TriesHostsOneByOne) {
  const Conninfo conninfo = read("postgresql://a:1,b:2/v?target_session_attrs=read-write");
  ASSERT_EQ(conninfo.hosts.size(), 2U);
  EXPECT_EQ(of(conninfo.hosts[0], "host") + of(conninfo.hosts[0], "port"), "a1");
  EXPECT_EQ(of(conninfo.hosts[1], "host") + of(conninfo.hosts[1], "port"), "b2");
  EXPECT_EQ(of(conninfo.hosts[1], "target_session_attrs"), "read-write");
  const Conninfo one_port = read("host=a,b port=7");
  ASSERT_EQ(one_port.hosts.size(), 2U);
  EXPECT_EQ(of(one_port.hosts[1], "port"), "7");
}

TEST(Conninfo, LeavesListsToLibpqThatItMustSeeWhole) {
  EXPECT_EQ(read("host=a,b target_session_attrs=prefer-standby").hosts.size(), 1U);
  EXPECT_EQ(read("host=a,b,c port=1,2").hosts.size(), 1U);
}

TEST(Conninfo, RefusesWhatCannotBeReadWithoutShowingIt) {
  for (const char* url : {"postgresql://bob:hunter2@db/v?no_such=1", "host=db password='hunter2"}) {
    const auto conninfo = conninfo_of(url, "vividd", seconds(10));
    ASSERT_FALSE(conninfo);
    EXPECT_EQ(conninfo.error().code, ErrorCode::invalid_input);
    EXPECT_THAT(conninfo.error().message, Not(HasSubstr("hunter2")));
  }
}

}  // namespace
}  // namespace vivid::sync
