#include "tests/support/dropping_proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <functional>
#include <utility>
#include <vector>

namespace vivid::test {
namespace {

constexpr const char* kSocketName = ".s.PGSQL.5432";

sockaddr_un address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  return address;
}

bool send_all(int fd, const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t wrote = ::send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (wrote <= 0) return false;
    sent += static_cast<std::size_t>(wrote);
  }
  return true;
}

// Cuts a stream of bytes into messages: a type (none for a client's first message) and a length that counts itself.
class Messages {
 public:
  explicit Messages(bool first_has_no_type) : untyped_(first_has_no_type) {}

  // Calls `see` with each whole message: its type, 0 for the untyped one, and its bytes.
  void take(const std::string& bytes, const std::function<void(char, const std::string&)>& see) {
    kept_ += bytes;
    for (;;) {
      const std::size_t head = untyped_ ? 0 : 1;
      if (kept_.size() < head + 4) return;
      std::uint32_t length = 0;
      std::memcpy(&length, kept_.data() + head, 4);
      const std::size_t size = head + ntohl(length);
      if (kept_.size() < size) return;
      see(untyped_ ? '\0' : kept_.front(), kept_.substr(0, size));
      kept_.erase(0, size);
      untyped_ = false;
    }
  }

 private:
  bool untyped_;
  std::string kept_;
};

}  // namespace

// One client and its connection to the server.
class DroppingProxy::Pair {
 public:
  Pair(int client, int server) : client_(client), server_(server) {}
  ~Pair() {
    ::close(client_);
    ::close(server_);
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;

  int client() const { return client_; }
  int server() const { return server_; }

  // False: it is over.
  bool from_client() {
    return pass(client_, [&](const std::string& bytes) {
      if (!send_all(server_, bytes)) return false;
      from_client_.take(bytes, [&](char type, const std::string&) { asked_ = asked_ || type == 'Q' || type == 'S'; });
      return true;
    });
  }

  // `lose` decides over each answer after which no transaction is open.
  bool from_server(const std::function<bool()>& lose) {
    return pass(server_, [&](const std::string& bytes) {
      bool lost = false;
      from_server_.take(bytes, [&](char type, const std::string& message) {
        answer_ += message;
        if (asked_ && type != 'Z') return;
        const bool committed = asked_ && type == 'Z' && message.back() == 'I';
        lost = lost || (committed && lose());
        asked_ = asked_ && type != 'Z';
        if (!lost) onward_ += answer_;
        answer_.clear();
      });
      return !lost && send_all(client_, std::exchange(onward_, {}));
    });
  }

 private:
  static bool pass(int from, const std::function<bool(const std::string&)>& onward) {
    std::string bytes(65'536, '\0');
    const ssize_t got = ::recv(from, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) return false;
    bytes.resize(static_cast<std::size_t>(got));
    return onward(bytes);
  }

  int client_;
  int server_;
  Messages from_client_{true};
  Messages from_server_{false};
  bool asked_ = false;  // the server owes an answer
  std::string answer_;  // held back until it is whole
  std::string onward_;
};

DroppingProxy::DroppingProxy(std::filesystem::path server_socket, std::uint64_t seed)
    : server_socket_(std::move(server_socket)), random_(seed) {}

Result<std::unique_ptr<DroppingProxy>> DroppingProxy::start(const std::filesystem::path& server_folder,
                                                            const std::filesystem::path& folder, std::uint64_t seed) {
  std::unique_ptr<DroppingProxy> proxy(new DroppingProxy(server_folder / kSocketName, seed));
  proxy->listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = address_of(folder / kSocketName);
  if (::bind(proxy->listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      ::chmod(address.sun_path, 0777) != 0 || ::listen(proxy->listener_, 64) != 0 ||
      ::pipe2(proxy->stop_pipe_, O_CLOEXEC) != 0) {
    return tl::make_unexpected(errno_error(errno, "cannot listen in " + folder.string()));
  }
  proxy->thread_ = std::thread([raw = proxy.get()] { raw->run(); });
  return proxy;
}

DroppingProxy::~DroppingProxy() {
  ::close(stop_pipe_[1]);
  if (thread_.joinable()) thread_.join();
  ::close(stop_pipe_[0]);
  ::close(listener_);
}

bool DroppingProxy::lose_this_one() {
  ++answers_;
  const bool lose = std::uniform_real_distribution<double>(0.0, 1.0)(random_) < share_.load();
  if (lose) ++dropped_;
  return lose;
}

void DroppingProxy::accept_one() {
  const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  const int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = address_of(server_socket_);
  if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    ::close(client);
    ::close(server);
    return;
  }
  pairs_.push_back(std::make_unique<Pair>(client, server));
}

void DroppingProxy::run() {
  for (;;) {
    std::vector<pollfd> fds{{stop_pipe_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
    for (const auto& pair : pairs_) {
      fds.push_back({pair->client(), POLLIN, 0});
      fds.push_back({pair->server(), POLLIN, 0});
    }
    if (::poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) return;
    if (fds[0].revents != 0) return pairs_.clear();
    std::size_t i = 2;
    for (auto pair = pairs_.begin(); pair != pairs_.end(); i += 2) {
      bool alive = true;
      if (fds[i].revents != 0) alive = (*pair)->from_client();
      if (alive && fds[i + 1].revents != 0) alive = (*pair)->from_server([this] { return lose_this_one(); });
      pair = alive ? std::next(pair) : pairs_.erase(pair);
    }
    if (fds[1].revents != 0) accept_one();
  }
}

}  // namespace vivid::test
