#include "daemon/pipeline/recovery.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "base/uuid.h"

namespace vivid::daemon {
namespace {

// A program in a session of its own, with what it is given as environment; optionally one whose leader ends at once and
// leaves a child behind.
class Session {
 public:
  Session(const std::vector<std::string>& environment, bool leader_ends) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe(ends.data()), 0);
    leader_ = ::fork();
    if (leader_ == 0) {
      ::setsid();
      ::dup2(ends[1], 1);
      ::close(ends[0]);
      ::close(ends[1]);
      std::vector<char*> entries;
      for (const auto& entry : environment) entries.push_back(const_cast<char*>(entry.c_str()));
      entries.push_back(nullptr);
      const char* what =
          leader_ends ? "/bin/sleep 600 >/dev/null & echo $!" : "echo $$; exec /bin/sleep 600 >/dev/null";
      ::execle("/bin/sh", "sh", "-c", what, static_cast<char*>(nullptr), entries.data());
      ::_exit(127);
    }
    ticks_ = process_start_ticks(leader_);
    ::close(ends[1]);
    std::string text;
    char letter = 0;
    while (::read(ends[0], &letter, 1) == 1 && letter != '\n') text += letter;
    ::close(ends[0]);
    member_ = std::stoi(text);
    // The one that is left has to have become /bin/sleep, with the environment it was given.
    if (leader_ends) reap();
  }
  ~Session() {
    ::kill(member_, SIGKILL);
    reap();
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  queue::Survivor survivor() const {
    queue::Survivor survivor;
    survivor.uid = "job";
    survivor.stage = "video_generation";
    survivor.holder = {leader_, ticks_};
    return survivor;
  }
  bool runs() const {
    const auto facts = process_facts(member_);
    return facts && !facts->ended();
  }

 private:
  void reap() {
    if (!std::exchange(reaped_, true)) ::waitpid(leader_, nullptr, 0);
  }

  pid_t leader_ = -1;
  pid_t member_ = -1;
  std::uint64_t ticks_ = 0;
  bool reaped_ = false;
};

const std::string kMark = owner_mark("/state/" + Uuid::random().to_text());
constexpr std::chrono::milliseconds kLimit{60'000};

TEST(Recovery, GroupWithTheNotedLeaderIsEnded) {
  const Session session({kMark}, false);
  EXPECT_TRUE(end_survivor(session.survivor(), kMark, kLimit));
  EXPECT_FALSE(session.runs());
}

TEST(Recovery, StrangerWithTheSameNumberAndTicksIsLeftAlone) {
  // As after another start of the machine, from which ticks are counted.
  const Session session({}, false);
  EXPECT_TRUE(end_survivor(session.survivor(), kMark, kLimit));
  EXPECT_TRUE(session.runs());
}

TEST(Recovery, MemberThatOutlivedItsLeaderIsEndedByItsMark) {
  const Session session({kMark}, true);
  ASSERT_TRUE(session.runs());
  EXPECT_TRUE(end_survivor(session.survivor(), kMark, kLimit));
  EXPECT_FALSE(session.runs());
}

TEST(Recovery, StrangersGroupWithTheSameNumberIsLeftAlone) {
  const Session session({}, false);
  queue::Survivor survivor = session.survivor();
  --survivor.holder.start_ticks;
  EXPECT_TRUE(end_survivor(survivor, kMark, kLimit));
  EXPECT_TRUE(session.runs());
}

TEST(Recovery, StrangersMemberWithoutTheMarkIsLeftAlone) {
  const Session session({owner_mark("/another/state")}, true);
  EXPECT_TRUE(end_survivor(session.survivor(), kMark, kLimit));
  EXPECT_TRUE(session.runs());
}

TEST(Recovery, HookOfTheJobIsEndedAndThatOfAnotherJobIsNot) {
  const Session mine({kMark, job_mark("job")}, false);
  const Session other({kMark, job_mark("another")}, false);
  queue::Survivor survivor = mine.survivor();
  survivor.holder = {};
  EXPECT_TRUE(end_survivor(survivor, kMark, kLimit));
  EXPECT_FALSE(mine.runs());
  EXPECT_TRUE(other.runs());
}

TEST(Recovery, NobodyLeftIsNoError) {
  queue::Survivor survivor;
  survivor.holder = {0x3fffffff, 1};
  EXPECT_TRUE(end_survivor(survivor, kMark, std::chrono::milliseconds(0)));
}

TEST(Recovery, LimitEndsTheWait) {
  const Session session({kMark}, false);
  // Killed, but nobody has had the time to see its end.
  const Status ended = end_survivor(session.survivor(), kMark, std::chrono::milliseconds(0));
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace vivid::daemon
