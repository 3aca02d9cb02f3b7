// The connection breaks after COMMIT was sent: nobody knows, everything is sent again, and nothing happens twice.
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <string_view>
#include <thread>

#include "tests/integration/central/results_fixture.h"
#include "tests/support/temporary_folder.h"

namespace vivid::test {
namespace {

using ::testing::Each;

sockaddr_un address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.native().copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

// Stands between one client and the server, on a socket of its own. Passes on what the client says, COMMIT too, but
// lets nothing of the server's through from the COMMIT on: it hangs up on the client.
class CutAtCommit {
 public:
  explicit CutAtCommit(const std::filesystem::path& server_folder) : server_(server_folder / ".s.PGSQL.5432") {
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_un address = address_of(folder_ / ".s.PGSQL.5432");
    EXPECT_EQ(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_, 4), 0);
    thread_ = std::thread([this] { serve(); });
  }
  ~CutAtCommit() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  CutAtCommit(const CutAtCommit&) = delete;
  CutAtCommit& operator=(const CutAtCommit&) = delete;

  std::string url(const std::string& database) const {
    return "host=" + folder_.path().string() + " user=postgres gssencmode=disable sslmode=disable dbname=" + database;
  }
  bool has_cut() const { return has_cut_; }

 private:
  void serve() {
    const int client = ::accept(listener_, nullptr, nullptr);
    if (client < 0) return;
    const int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_un address = address_of(server_);
    EXPECT_EQ(::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    while (relay(client, server)) {
    }
    ::close(client);
    // What the server says now is read and lost; it ends when it finds the client gone.
    std::array<char, 4096> lost{};
    ::shutdown(server, SHUT_WR);
    while (::read(server, lost.data(), lost.size()) > 0) {
    }
    ::close(server);
  }

  bool relay(int client, int server) {
    std::array<pollfd, 2> ends{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
    if (::poll(ends.data(), ends.size(), 10'000) <= 0) return false;
    std::array<char, 65'536> bytes{};
    for (const pollfd& end : ends) {
      if (end.revents == 0) continue;
      const ssize_t got = ::read(end.fd, bytes.data(), bytes.size());
      if (got <= 0) return false;
      const std::string_view text(bytes.data(), static_cast<std::size_t>(got));
      const bool is_commit = end.fd == client && text.find("COMMIT") != std::string_view::npos;
      if (::write(end.fd == client ? server : client, text.data(), text.size()) != got) return false;
      has_cut_ = has_cut_ || is_commit;
      if (is_commit) return false;
    }
    return true;
  }

  std::filesystem::path server_;
  const test::TemporaryFolder folder_;
  int listener_ = -1;
  std::atomic<bool> has_cut_ = false;
  std::thread thread_;
};

class ResultsLostAnswer : public ResultsTest {};

TEST_F(ResultsLostAnswer, IsSentAgainAndChangesNothing) {
  const Held held = hold();
  const std::vector<Delivery> all{accepted(held), stage(held, "validation", "validating"), completed(held)};
  {
    CutAtCommit cut(server().folder());
    sync::SessionOptions options = session_options();
    options.url = cut.url(database_);
    sync::Session session = open(options);
    const auto nobody_knows = sync::deliver(session, node(), all);
    ASSERT_FALSE(nobody_knows);
    EXPECT_EQ(nobody_knows.error().code, ErrorCode::unavailable) << nobody_knows.error().message;
    EXPECT_TRUE(cut.has_cut());
  }
  EXPECT_EQ(of(held, "status"), "completed");
  const std::string before = dump();
  EXPECT_THAT(deliver(all), Each(Verdict::duplicate));
  EXPECT_EQ(dump(), before);
  EXPECT_EQ(audit(), "");
}

TEST_F(ResultsLostAnswer, BeforeTheCommitNothingHasHappened) {
  const Held held = hold();
  const std::string before = dump();
  sync::Session gate = open();
  ASSERT_TRUE(gate.run("BEGIN"));
  ASSERT_TRUE(gate.run("SELECT 1 FROM content_requests FOR UPDATE"));
  sync::Session session = open();
  std::thread cutter([&] {
    while (count("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = "
                 "'Lock'") < 1) {
      std::this_thread::yield();
    }
    session.abort();
  });
  const auto gone = sync::deliver(session, node(), {completed(held)});
  cutter.join();
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, ErrorCode::unavailable);
  ASSERT_TRUE(gate.run("COMMIT"));
  EXPECT_EQ(dump(), before);
  EXPECT_THAT(deliver({completed(held)}), Each(Verdict::applied));
}

}  // namespace
}  // namespace vivid::test
