#include "daemon/control/access.h"

#include <grp.h>
#include <sys/wait.h>

#include "tests/unit/daemon/control/control_fixture.h"

namespace vivid::daemon {
namespace {

using ::testing::HasSubstr;

constexpr uid_t kStranger = 65'534;
constexpr gid_t kOperators = 54'321;

TEST(AccessPolicy, LetsRootTheOwnUserAndMembersOfTheGroupSteer) {
  const AccessPolicy policy{.own_uid = 900, .group = kOperators};
  EXPECT_TRUE(policy.may_steer(0, 0, {}));
  EXPECT_TRUE(policy.may_steer(900, 900, {}));
  EXPECT_TRUE(policy.may_steer(1000, kOperators, {})) << "by the primary group";
  EXPECT_TRUE(policy.may_steer(1000, 1000, {4, kOperators})) << "by a supplementary group";
  EXPECT_FALSE(policy.may_steer(1000, 900, {4, 5}));
  EXPECT_FALSE((AccessPolicy{.own_uid = 900, .group = std::nullopt}.may_steer(1000, 0, {0})));
}

TEST(AccessPolicy, KnowsWhatOnlyShows) {
  for (const char* method :
       {"ping", "status", "job.list", "job.show", "job.wait", "watch", "job.profile", "cache.status"}) {
    EXPECT_TRUE(only_shows(method)) << method;
  }
  for (const char* method : {"job.submit", "job.cancel", "job.retry", "job.priority", "job.logs", "dead.requeue",
                             "pause", "resume", "drain", "reload", "cache.clear", "", "unheard-of"}) {
    EXPECT_FALSE(only_shows(method)) << method;
  }
}

// Asks as another user, in a child; what was answered, a line each.
class AccessOfOthers : public ControlFixture {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can ask as another user";
    fs::permissions(directory_, fs::perms(0755));
    options_.mode = 0777;
    options_.group = std::to_string(kOperators);
    open();
  }
  void TearDown() override {
    if (child_ > 0) ::waitpid(child_, nullptr, 0);
  }

  std::vector<Json> ask_as(uid_t uid, std::vector<gid_t> groups, const std::string& requests, std::size_t count) {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    child_ = ::fork();
    if (child_ == 0) ask(uid, groups, requests, count, ends[1]);
    const UniqueFd from(ends[0]);
    UniqueFd(ends[1]).reset();
    std::string text;
    bool ended = false;
    run_until([&] {
      char buffer[4096];
      const ssize_t got = ::read(from.get(), buffer, sizeof(buffer));
      if (got > 0) text.append(buffer, static_cast<std::size_t>(got));
      ended = got == 0;
      return ended;
    });
    std::vector<Json> answers;
    for (std::size_t end; (end = text.find('\n')) != std::string::npos; text.erase(0, end + 1)) {
      answers.push_back(Json::parse(text.substr(0, end)));
    }
    EXPECT_EQ(answers.size(), count);
    return answers;
  }

 private:
  [[noreturn]] void ask(uid_t uid, const std::vector<gid_t>& groups, const std::string& requests, std::size_t count,
                        int to) {
    const bool changed = ::setgroups(groups.size(), groups.data()) == 0 && ::setresgid(uid, uid, uid) == 0 &&
                         ::setresuid(uid, uid, uid) == 0;
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    options_.socket.native().copy(address.sun_path, sizeof(address.sun_path) - 1);
    if (!changed || ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
        ::send(fd, requests.data(), requests.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(requests.size())) {
      ::_exit(1);
    }
    char c = 0;
    while (count > 0 && ::read(fd, &c, 1) == 1) {
      if (::write(to, &c, 1) != 1) ::_exit(1);
      if (c == '\n') --count;
    }
    ::_exit(0);
  }

  pid_t child_ = -1;
};

TEST_F(AccessOfOthers, StrangerMayLookButNotSteer) {
  const auto answers = ask_as(kStranger, {}, request(1, "ping") + request(2, "echo") + request(3, "ping"), 3);
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_EQ(answers[0]["error"]["code"], -32601) << "the handler was asked; it has no ping";
  EXPECT_EQ(answers[1]["error"]["data"]["code"], "permission_denied");
  EXPECT_THAT(answers[1]["error"]["message"].get<std::string>(), HasSubstr("65534"));
  EXPECT_EQ(handler_.handled, 2);
  EXPECT_EQ(handler_.peer.uid, kStranger);
  EXPECT_THAT(handler_.outcomes, ::testing::Contains("echo:permission_denied"));
}

TEST_F(AccessOfOthers, MemberOfTheSocketsGroupMaySteer) {
  const auto answers = ask_as(kStranger, {7, kOperators}, request(1, "echo", {{"a", 1}}), 1);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0]["result"], (Json{{"a", 1}}));
  EXPECT_TRUE(handler_.peer.may_steer);
}

}  // namespace
}  // namespace vivid::daemon
