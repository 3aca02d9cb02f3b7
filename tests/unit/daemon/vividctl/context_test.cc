#include "daemon/vividctl/context.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <map>

#include "base/files.h"
#include "tests/support/temporary_folder.h"

namespace vivid::ctl {
namespace {

namespace fs = std::filesystem;

class DefaultSocket : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::access("/run/vividd/control.sock", F_OK) == 0 || ::access("/var/lib/vividd/control.sock", F_OK) == 0) {
      GTEST_SKIP() << "a daemon of this machine comes first";
    }
  }

  // A file stands for the socket: only its being there counts.
  std::string put(const fs::path& folder) {
    EXPECT_TRUE(make_directories(folder));
    EXPECT_TRUE(write_file_durably(folder / "control.sock", ""));
    return (folder / "control.sock").string();
  }
  static std::string with(std::map<std::string, std::string> variables) {
    return default_socket([&](const std::string& name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      return found == variables.end() ? std::nullopt : std::optional(found->second);
    });
  }

  const test::TemporaryFolder folder_;
  const fs::path& home_ = folder_.path();
};

TEST_F(DefaultSocket, IsWhereAnOrdinaryUsersDaemonPutsIt) {
  const std::string below_home = put(home_ / ".local/state/vividd");
  EXPECT_EQ(with({{"HOME", home_.string()}}), below_home);
  const std::string below_state = put(home_ / "state/vividd");
  EXPECT_EQ(with({{"HOME", home_.string()}, {"XDG_STATE_HOME", (home_ / "state").string()}}), below_state);
}

TEST_F(DefaultSocket, IsTheSystemsWhereNoneIs) {
  EXPECT_EQ(with({{"HOME", home_.string()}}), "/var/lib/vividd/control.sock");
  EXPECT_EQ(with({}), "/var/lib/vividd/control.sock");
}

TEST_F(DefaultSocket, IsTheNamedOneAboveAll) {
  put(home_ / ".local/state/vividd");
  EXPECT_EQ(with({{"HOME", home_.string()}, {"VIVIDCTL_SOCKET", "/named"}}), "/named");
}

}  // namespace
}  // namespace vivid::ctl
