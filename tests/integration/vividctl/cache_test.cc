// vividctl cache: what an operator sees and asks for.
#include <gmock/gmock.h>

#include "tests/integration/vividctl/fake_daemon.h"

namespace vivid::ctl::test {
namespace {

using ::testing::HasSubstr;

class VividctlCache : public ::testing::Test {
 protected:
  void hold(bool enabled) {
    daemon.on("cache.status", [enabled](const Call& call) {
      call.answer({{"enabled", enabled},
                   {"directory", "/var/lib/vividd/cache/spans"},
                   {"entries", 1234},
                   {"bytes", 5 << 20},
                   {"max_bytes", 10 << 20}});
    });
  }
  FakeDaemon daemon;
};

TEST_F(VividctlCache, StatusSaysHowMuchThereIsAndWhere) {
  hold(true);
  const Ran ran = run_vividctl(daemon, {"cache", "status"});
  EXPECT_EQ(ran.exit, 0) << ran.error;
  EXPECT_EQ(ran.out, "1,234 parts, 5.0 MiB of at most 10.0 MiB, in /var/lib/vividd/cache/spans\n");
  EXPECT_EQ(ran.error, "");
}

TEST_F(VividctlCache, StatusRemarksThatItIsOff) {
  hold(false);
  const Ran ran = run_vividctl(daemon, {"cache", "status"});
  EXPECT_EQ(ran.exit, 0);
  EXPECT_THAT(ran.error, HasSubstr("render.span_cache.enabled is off"));
}

TEST_F(VividctlCache, ClearSaysWhatIsGone) {
  daemon.on("cache.clear", [](const Call& call) { call.answer({{"removed", 1}, {"bytes", 1 << 20}}); });
  const Ran ran = run_vividctl(daemon, {"cache", "clear"});
  EXPECT_EQ(ran.exit, 0) << ran.error;
  EXPECT_EQ(ran.out, "removed 1 part, 1.0 MiB\n");
  const Ran json = run_vividctl(daemon, {"cache", "clear", "--json"});
  EXPECT_EQ(Json::parse(json.out), (Json{{"removed", 1}, {"bytes", 1 << 20}}));
  EXPECT_EQ(daemon.requests("cache.clear").size(), 2U);
}

TEST_F(VividctlCache, ClearIsRefusedToWhoeverMayNotSteer) {
  daemon.on("cache.clear", [](const Call& call) { call.refuse("permission_denied", "you may not"); });
  const Ran ran = run_vividctl(daemon, {"cache", "clear"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.error, HasSubstr("you may not"));
}

TEST_F(VividctlCache, NeedsToBeToldWhat) { EXPECT_EQ(run_vividctl(daemon, {"cache"}).exit, 2); }

}  // namespace
}  // namespace vivid::ctl::test
