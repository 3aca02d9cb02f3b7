#include "daemon/vividctl/client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/units.h"

namespace vivid::ctl {
namespace {

using std::chrono::steady_clock;
using Duration = Connection::Duration;

// The longest answer the client takes: a job's whole log fits many times over.
constexpr std::size_t kMaxLineBytes = 64U * 1024 * 1024;
// Progress comes at most once a second a job; more than this behind one call means that somebody floods us.
constexpr std::size_t kMaxKeptNotifications = 4096;

bool is_socket(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode);
}

tl::unexpected<Failure> connect_failure(const std::string& path, int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return failure(ExitCode::no_daemon, ErrorCode::unavailable,
                     "no daemon answers: there is no " + path +
                         ". Is vividd running (systemctl status vividd)? One that listens elsewhere is named with "
                         "--socket PATH or VIVIDCTL_SOCKET");
    case ECONNREFUSED:
    case ENOTSOCK:
      return failure(
          ExitCode::no_daemon, ErrorCode::unavailable,
          is_socket(path)
              ? "no daemon answers: nobody listens at " + path +
                    " any more, so vividd has ended or is just starting (systemctl status vividd)"
              : "no daemon answers: " + path + " is no socket; name vividd's with --socket PATH or VIVIDCTL_SOCKET");
    case EACCES:
    case EPERM:
      return failure(ExitCode::no_daemon, ErrorCode::permission_denied,
                     "you may not use the socket " + path + ": join its group, or ask as root");
    case EAGAIN:
      return failure(ExitCode::timed_out, ErrorCode::unavailable,
                     "the daemon at " + path + " takes no connection: it is stuck or overloaded");
    default:
      return failure(ExitCode::no_daemon, ErrorCode::unavailable,
                     "cannot connect to " + path + ": " + std::strerror(error_number));
  }
}

Failure failure_of(const Json& error, std::string_view method) {
  const std::int64_t number = integer_at(error, "code");
  std::string message = text_at(error, "message");
  std::string code = text_at(member(error, "data"), "code");
  if (number == -32601) {
    return {ExitCode::refused, std::string(to_text(ErrorCode::unsupported)),
            "the daemon does not know '" + std::string(method) + "': it is of another version than vividctl"};
  }
  if (code.empty()) code = to_text(number == -32602 ? ErrorCode::invalid_input : ErrorCode::internal);
  if (message.empty()) message = "the daemon refused '" + std::string(method) + "' without a reason";
  return {exit_code_of(error_code_from_text(code), method), std::move(code), std::move(message)};
}

}  // namespace

struct Connection::State {
  std::string path;
  UniqueFd fd;
  Duration write_timeout{0};
  std::string buffer;        // received, not yet taken
  std::size_t searched = 0;  // no newline before this offset of buffer
  std::int64_t last_id = 0;
  std::deque<Json> notifications;

  tl::unexpected<Failure> gone() const {
    return failure(ExitCode::no_daemon, ErrorCode::unavailable,
                   "the daemon at " + path + " closed the connection: it may be restarting");
  }
  tl::unexpected<Failure> nonsense(const std::string& what) const {
    return failure(ExitCode::refused, ErrorCode::data_corrupt, "the answer from " + path + " " + what);
  }

  // True: ready. False: the deadline passed.
  bool wait_for(short events, steady_clock::time_point deadline) const {
    for (;;) {
      const auto left = std::chrono::ceil<Duration>(deadline - steady_clock::now()).count();
      pollfd waiting{fd.get(), events, 0};
      constexpr long long kLongestMs = 3'600'000;
      const int ready = ::poll(&waiting, 1, static_cast<int>(std::clamp<long long>(left, 0, kLongestMs)));
      if (ready > 0) return true;
      if (ready < 0 && errno == EINTR) continue;
      if (ready < 0) return true;  // the read or write that follows says what is wrong
      if (steady_clock::now() >= deadline) return false;
    }
  }

  Outcome<void> send_all(std::string_view bytes) {
    const auto deadline = steady_clock::now() + write_timeout;
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno == EAGAIN) {
        if (!wait_for(POLLOUT, deadline)) {
          return failure(ExitCode::timed_out, ErrorCode::unavailable, "the daemon at " + path + " does not read");
        }
      } else if (errno == EPIPE || errno == ECONNRESET) {
        // A server that refuses a request closes after its answer, which is still there to be read.
        return {};
      } else if (errno != EINTR) {
        return gone();
      }
    }
    return {};
  }

  // The next line, or nothing when the deadline passed first.
  Outcome<std::optional<std::string>> next_line(steady_clock::time_point deadline) {
    for (;;) {
      const std::size_t end = buffer.find('\n', searched);
      if (end != std::string::npos) {
        std::optional<std::string> line(buffer.substr(0, end));
        buffer.erase(0, end + 1);
        searched = 0;
        return line;
      }
      searched = buffer.size();
      if (buffer.size() > kMaxLineBytes) return nonsense("is over " + format_size(kMaxLineBytes));
      std::array<char, 65'536> chunk;
      const ssize_t count = ::recv(fd.get(), chunk.data(), chunk.size(), MSG_DONTWAIT);
      if (count > 0) {
        buffer.append(chunk.data(), static_cast<std::size_t>(count));
      } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
        return gone();
      } else if (!wait_for(POLLIN, deadline)) {
        return std::optional<std::string>();
      }
    }
  }

  // The next message, or nothing when the deadline passed first. `skipped` messages went before it: however fast a
  // peer sends what nobody asked for, the deadline holds.
  Outcome<std::optional<Json>> next_message(steady_clock::time_point deadline, int skipped) {
    if (skipped > 0 && steady_clock::now() >= deadline) return std::optional<Json>();
    VIVID_ASSIGN(const std::optional<std::string> line, next_line(deadline));
    if (!line) return std::optional<Json>();
    std::optional<Json> message = parse_json(*line);
    if (!message || !message->is_object()) return nonsense("is not JSON-RPC: is something else listening there?");
    return message;
  }

  Outcome<void> keep(Json notification) {
    if (notifications.size() >= kMaxKeptNotifications) return nonsense("holds more notifications than can be kept");
    notifications.push_back(std::move(notification));
    return {};
  }
};

Connection::Connection(std::unique_ptr<State> state) : state_(std::move(state)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

Outcome<Connection> Connection::open(const std::string& socket_path, Duration timeout) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path.empty() || socket_path.size() >= sizeof(address.sun_path)) {
    return failure(ExitCode::usage, ErrorCode::invalid_input,
                   "the socket path '" + socket_path + "' must have 1 to " +
                       std::to_string(sizeof(address.sun_path) - 1) + " bytes");
  }
  std::memcpy(address.sun_path, socket_path.data(), socket_path.size());
  auto state = std::make_unique<State>();
  state->path = socket_path;
  state->write_timeout = timeout;
  state->fd = UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!state->fd) return connect_failure(socket_path, errno);
  // The send timeout also bounds connect() to a listener whose backlog is full.
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
  const auto rest = std::chrono::duration_cast<std::chrono::microseconds>(timeout - seconds);
  const timeval limit{seconds.count(), rest.count()};
  ::setsockopt(state->fd.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  while (::connect(state->fd.get(), generic, sizeof(address)) != 0) {
    if (errno != EINTR) return connect_failure(socket_path, errno);
  }
  return Connection(std::move(state));
}

Outcome<Json> Connection::call(std::string_view method, const Json& params, Duration timeout) {
  const std::int64_t id = ++state_->last_id;
  const Json request{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}};
  VIVID_TRY(state_->send_all(to_line(request) + "\n"));
  const auto deadline = steady_clock::now() + timeout;
  for (int skipped = 0;; ++skipped) {
    VIVID_ASSIGN(std::optional<Json> message, state_->next_message(deadline, skipped));
    if (!message) {
      return failure(ExitCode::timed_out, ErrorCode::unavailable,
                     "the daemon at " + state_->path + " did not answer '" + std::string(method) + "' within " +
                         format_duration(timeout));
    }
    const Json& answered = member(*message, "id");
    const Json& error = member(*message, "error");
    if (message->contains("method")) {
      VIVID_TRY(state_->keep(std::move(*message)));
    } else if (error.is_object() && (answered == id || answered.is_null())) {
      // A null id answers what the daemon could not read far enough to know its id.
      return tl::make_unexpected(failure_of(error, method));
    } else if (answered == id && message->contains("result")) {
      return member(*message, "result");
    } else if (answered == id) {
      return state_->nonsense("to '" + std::string(method) + "' holds neither result nor error");
    }
  }
}

Outcome<std::optional<Json>> Connection::next_notification(std::string_view method, Duration timeout) {
  const auto deadline = steady_clock::now() + timeout;
  for (int skipped = 0;; ++skipped) {
    std::optional<Json> message;
    if (!state_->notifications.empty()) {
      message = std::move(state_->notifications.front());
      state_->notifications.pop_front();
    } else {
      VIVID_ASSIGN(message, state_->next_message(deadline, skipped));
      if (!message) return std::optional<Json>();
    }
    if (text_at(*message, "method") == method) return std::optional<Json>(member(*message, "params"));
  }
}

}  // namespace vivid::ctl
