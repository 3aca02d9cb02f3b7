#include "tests/unit/daemon/control/control_fixture.h"

#include <sys/stat.h>

#include <fstream>

namespace vivid::daemon {
namespace {

using ::testing::HasSubstr;

class ControlSocket : public ControlFixture {};

TEST_F(ControlSocket, MakesTheSocketWithModeAndGroup) {
  options_.mode = 0620;
  options_.group = std::to_string(::getgid());
  const mode_t before = ::umask(0077);
  open();
  ::umask(before);
  struct stat facts {};
  ASSERT_EQ(::lstat(options_.socket.c_str(), &facts), 0);
  EXPECT_TRUE(S_ISSOCK(facts.st_mode));
  EXPECT_EQ(facts.st_mode & 0777U, 0620U);
  EXPECT_EQ(facts.st_gid, ::getgid());
}

TEST_F(ControlSocket, ReplacesASocketThatNobodyListensOn) {
  {
    const UniqueFd stale(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    options_.socket.native().copy(address.sun_path, sizeof(address.sun_path) - 1);
    ASSERT_EQ(::bind(stale.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  }
  ASSERT_TRUE(fs::exists(options_.socket));
  open();
  EXPECT_TRUE(connect().connected());
}

TEST_F(ControlSocket, LeavesALiveSocketAlone) {
  open();
  const auto second = ControlServer::open(&loop_, options_, handler_);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::already_exists);
  EXPECT_THAT(second.error().message, HasSubstr(options_.socket.string()));
  Client client = connect();
  client.send(request(1, "echo"));
  EXPECT_EQ(receive(client, 1)[0]["id"], 1);
}

TEST_F(ControlSocket, NamesWhatIsWrongWithThePath) {
  const auto error = [&] {
    auto opened = ControlServer::open(&loop_, options_, handler_);
    return opened ? Error{} : opened.error();
  };
  std::ofstream(options_.socket) << "a file";
  EXPECT_EQ(error().code, ErrorCode::already_exists);
  EXPECT_TRUE(fs::is_regular_file(options_.socket)) << "what is no socket is never removed";
  options_.socket = directory_ / std::string(120, 'x');
  EXPECT_EQ(error().code, ErrorCode::invalid_input);
  options_.socket = directory_ / "missing" / "control.sock";
  EXPECT_EQ(error().code, ErrorCode::not_found);
  options_.socket = directory_ / "group.sock";
  options_.group = "no-such-group-here";
  EXPECT_THAT(error().message, HasSubstr("no-such-group-here"));
  EXPECT_FALSE(fs::exists(options_.socket)) << "a failed start leaves nothing behind";
}

TEST_F(ControlSocket, TakesAnInheritedSocketAndLeavesItsFile) {
  const fs::path path = directory_ / "inherited.sock";
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.native().copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(::listen(fd, 5), 0);
  options_.inherited_fd = fd;
  open();
  Client client(path);
  client.send(request(5, "echo"));
  EXPECT_EQ(receive(client, 1)[0]["id"], 5);
  server_.reset();
  EXPECT_TRUE(fs::exists(path));
}

TEST_F(ControlSocket, RefusesAnInheritedDescriptorOfAnotherKind) {
  options_.inherited_fd = ::open("/dev/null", O_RDWR);
  EXPECT_FALSE(ControlServer::open(&loop_, options_, handler_).has_value());
  options_.inherited_fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  const auto opened = ControlServer::open(&loop_, options_, handler_);
  ASSERT_FALSE(opened.has_value());
  EXPECT_THAT(opened.error().message, HasSubstr("not a listening Unix socket"));
}

}  // namespace
}  // namespace vivid::daemon
