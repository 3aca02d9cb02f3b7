#include "daemon/control/connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>

#include "base/log.h"

namespace vivid::daemon {
namespace {

// Notifications wait beyond this much unread output, so that answers always find room.
constexpr std::size_t kNotificationWindowBytes = 64 * 1024;
constexpr std::size_t kGatherBytes = 64 * 1024;
constexpr std::size_t kMaxSubscriptions = 16;
// Requests up to this are bounded by their number: an operator gets through however much else waits.
constexpr std::size_t kSmallRequestBytes = 4 * 1024;

Connection* self(void* data) { return static_cast<Connection*>(data); }

Result<Peer> peer_of(const uv_pipe_t& pipe, const AccessPolicy& access) {
  int fd = -1;
  ucred credentials{};
  socklen_t size = sizeof(credentials);
  if (uv_fileno(reinterpret_cast<const uv_handle_t*>(&pipe), &fd) != 0 ||
      ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
    return fail(ErrorCode::io_error, "the client's credentials cannot be read");
  }
  VIVID_ASSIGN(const std::vector<gid_t> groups, groups_of_peer(fd));
  return Peer{credentials.uid, credentials.gid, credentials.pid,
              access.may_steer(credentials.uid, credentials.gid, groups)};
}

// The peer closed both directions, not only its sending one.
bool hung_up(const uv_pipe_t& pipe) {
  pollfd entry{};
  if (uv_fileno(reinterpret_cast<const uv_handle_t*>(&pipe), &entry.fd) != 0) return true;
  return ::poll(&entry, 1, 0) > 0 && (entry.revents & (POLLHUP | POLLERR)) != 0;
}

bool blank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

}  // namespace

struct Connection::Write {
  uv_write_t request{};
  std::string bytes;
};

struct Connection::Parse {
  uv_work_t work{};
  std::shared_ptr<Connection> connection;
  std::string line;
  std::uint64_t started_ns = 0;
  std::shared_ptr<void> held;
  ParsedRequest request;
};

Connection::Connection(std::shared_ptr<ConnectionHost> host)
    : host_(std::move(host)),
      framer_(host_->options.max_request_bytes),
      bucket_(host_->options.max_requests_per_second, uv_now(host_->loop)),
      last_active_ms_(uv_now(host_->loop)) {}

Status Connection::accept(uv_stream_t* listener) {
  keep_ = shared_from_this();
  uv_pipe_init(host_->loop, &pipe_, 0);
  uv_timer_init(host_->loop, &wake_);
  pipe_.data = this;
  wake_.data = this;
  shutdown_.data = this;
  open_handles_ = 2;
  if (const int code = uv_accept(listener, reinterpret_cast<uv_stream_t*>(&pipe_)); code != 0) {
    return fail(ErrorCode::io_error, std::string("a client cannot be accepted: ") + uv_strerror(code));
  }
  VIVID_ASSIGN(peer_, peer_of(pipe_, host_->access));
  reading_on();
  return {};
}

void Connection::turn_away(const Error& error) {
  send_answer(rpc::error_line("null", error));
  finish();
}

void Connection::wind_up(const Error& error) {
  subscriptions_.clear();
  coalesced_.clear();
  input_ended_ = true;
  processing_ = true;  // answers must not start new calls
  while (!closing_ && !calls_.empty()) answer_error(calls_.front().number, error);
  processing_ = false;
  finish();
}

void Connection::close_now() {
  if (closing_) return;
  closing_ = true;
  calls_.clear();
  subscriptions_.clear();
  coalesced_.clear();
  host_->budget->wake_next();  // it may have been this one's turn
  const auto on_closed = [](uv_handle_t* handle) noexcept {
    Connection* connection = self(handle->data);
    if (--connection->open_handles_ > 0) return;
    const std::shared_ptr<Connection> last = std::move(connection->keep_);
    last->host_->closed(last.get());
  };
  uv_close(reinterpret_cast<uv_handle_t*>(&pipe_), on_closed);
  uv_close(reinterpret_cast<uv_handle_t*>(&wake_), on_closed);
}

bool Connection::idle() const {
  return finishing_ || (!parsing_ && calls_.empty() && (subscriptions_.empty() || input_ended_));
}

// --- Input -----------------------------------------------------------------------------------------------------------

void Connection::reading_on() {
  if (reading_ || closing_ || finishing_ || input_ended_) return;
  const auto allocate = [](uv_handle_t* handle, std::size_t, uv_buf_t* buffer) noexcept {
    auto& shared = self(handle->data)->host_->read_buffer;
    *buffer = uv_buf_init(shared.data(), static_cast<unsigned>(shared.size()));
  };
  const auto read = [](uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) noexcept {
    self(stream->data)->on_read(count, buffer->base);
  };
  reading_ = uv_read_start(reinterpret_cast<uv_stream_t*>(&pipe_), allocate, read) == 0;
  if (!reading_) close_now();
}

void Connection::on_read(ssize_t count, const char* bytes) {
  const std::shared_ptr<Connection> alive = keep_;
  if (count == 0) return;
  if (count == UV_EOF) return on_end_of_input();
  if (count < 0) return close_now();
  last_active_ms_ = uv_now(host_->loop);
  framer_.append({bytes, static_cast<std::size_t>(count)});
  process();
}

void Connection::on_end_of_input() {
  uv_read_stop(reinterpret_cast<uv_stream_t*>(&pipe_));
  reading_ = false;
  // `echo … | nc -N` still wants its answers; a client that is gone does not.
  if (hung_up(pipe_)) return close_now();
  input_ended_ = true;
  framer_.end();
  process();
}

void Connection::process() {
  if (processing_ || closing_ || finishing_) return;
  processing_ = true;
  const ControlOptions& options = host_->options;
  while (!closing_ && !finishing_ && !parsing_ && host_->handler != nullptr) {
    if (calls_.size() >= static_cast<std::size_t>(options.max_calls_in_flight)) break;
    if (held_bytes_ > options.max_pending_output_bytes) break;
    if (framer_.too_long()) {
      send_answer(rpc::error_line("null", {ErrorCode::too_large, "a request has more than the allowed " +
                                                                     std::to_string(options.max_request_bytes) +
                                                                     " bytes (control.max_request)"}));
      host_->handler->answered("", to_text(ErrorCode::too_large), {});
      finish();
      break;
    }
    if (!framer_.has_line() || awaits_budget()) break;
    if (!bucket_.take(uv_now(host_->loop))) {
      wake_after(bucket_.wait_ms());
      break;
    }
    process_line(framer_.take());
  }
  processing_ = false;
  flush();
  if (closing_ || finishing_) return;
  if (!awaiting_budget_) host_->budget->wake_next();
  if (input_ended_ && !parsing_ && calls_.empty() && subscriptions_.empty() && !framer_.has_line()) return finish();
  // Requests that have to wait stay in the kernel, and so with the client, once this much is held here.
  if (!awaiting_budget_ && framer_.pending_bytes() <= options.max_request_bytes) return reading_on();
  uv_read_stop(reinterpret_cast<uv_stream_t*>(&pipe_));
  reading_ = false;
}

// From the loop, not from within a handler's answer: handlers are never entered twice.
void Connection::process_soon() {
  if (processing_ || closing_ || finishing_) return;
  if (framer_.pending_bytes() == 0 && !input_ended_) return;
  wake_after(0);
}

void Connection::wake_after(std::uint64_t delay_ms) {
  uv_timer_start(
      &wake_, [](uv_timer_t* timer) noexcept { self(timer->data)->process(); }, delay_ms, 0);
}

bool Connection::awaits_budget() {
  if (awaiting_budget_) return true;
  if (!host_->budget->exhausted() || framer_.line_bytes() <= kSmallRequestBytes) return false;
  awaiting_budget_ = true;
  host_->budget->wait([weak = weak_from_this()] {
    const std::shared_ptr<Connection> connection = weak.lock();
    if (!connection || connection->closing_ || connection->finishing_) return false;
    connection->awaiting_budget_ = false;
    connection->wake_after(0);
    return true;
  });
  return true;
}

void Connection::process_line(std::string_view line) {
  if (blank(line)) return;
  std::shared_ptr<void> held;
  if (line.size() > kSmallRequestBytes) held = host_->budget->hold(line.size());
  if (line.size() > kMaxLoopJsonBytes) return parse_elsewhere(line, std::move(held));
  const std::uint64_t started_ns = uv_hrtime();
  take_request(rpc::parse_request(line), started_ns, std::move(held));
}

void Connection::parse_elsewhere(std::string_view line, std::shared_ptr<void> held) {
  auto parse = std::make_unique<Parse>();
  parse->work.data = parse.get();
  parse->connection = shared_from_this();
  parse->line = line;
  parse->started_ns = uv_hrtime();
  parse->held = std::move(held);
  const auto work = [](uv_work_t* task) noexcept {
    auto* mine = static_cast<Parse*>(task->data);
    mine->request = rpc::parse_request(mine->line);
    std::string().swap(mine->line);
  };
  const auto done = [](uv_work_t* task, int) noexcept {
    const std::unique_ptr<Parse> mine(static_cast<Parse*>(task->data));
    Connection& connection = *mine->connection;
    connection.parsing_ = false;
    if (connection.closing_ || connection.finishing_ || connection.host_->handler == nullptr) return;
    connection.take_request(std::move(mine->request), mine->started_ns, std::move(mine->held));
    connection.process();
  };
  if (uv_queue_work(host_->loop, &parse->work, work, done) != 0) return close_now();
  static_cast<void>(parse.release());  // the callback's now
  parsing_ = true;
}

void Connection::take_request(ParsedRequest request, std::uint64_t started_ns, std::shared_ptr<void> held) {
  if (!request) {
    host_->handler->answered(request.error().method, request.error().outcome, {});
    PendingCall refused;
    refused.answer = std::move(request.error().line);
    held_bytes_ += refused.answer->size();
    calls_.push_back(std::move(refused));
    return release_answers();
  }
  if (request->notification) return;  // there is nothing a client could tell us without wanting an answer
  PendingCall call;
  call.number = next_number_++;
  call.id = std::move(request->id);
  call.method = request->method;
  call.started_ns = started_ns;
  const std::uint64_t number = call.number;
  calls_.push_back(std::move(call));
  if (!permitted(request->method)) {
    return answer_error(
        number, {ErrorCode::permission_denied,
                 request->method + " is for root, the user of vividd and members of the control " +
                     "socket's group (control.group); user " + std::to_string(peer_.uid) + " may look, but not steer"});
  }
  host_->handler->handle({std::move(request->method), std::move(request->params), peer_,
                          Responder(weak_from_this(), number, std::move(held))});
}

// Who steered is on record. Submissions have lines of their own.
bool Connection::permitted(const std::string& method) {
  if (only_shows(method)) return true;
  const log::Fields who{{"method", method}, {"uid", peer_.uid}, {"pid", peer_.pid}};
  if (peer_.may_steer) {
    method == "job.submit" ? log::debug("control request", who) : log::info("control request", who);
    return true;
  }
  if (!denial_logged_) log::warning("control request denied", who);
  denial_logged_ = true;
  return false;
}

// --- Answers ---------------------------------------------------------------------------------------------------------

Connection::PendingCall* Connection::find_call(std::uint64_t call) {
  if (closing_) return nullptr;
  const auto found =
      std::find_if(calls_.begin(), calls_.end(), [&](const PendingCall& one) { return one.number == call; });
  return found == calls_.end() || found->answer ? nullptr : &*found;
}

bool Connection::call_waiting(std::uint64_t call) { return find_call(call) != nullptr; }

void Connection::answer_out_of_order(std::uint64_t call) {
  if (PendingCall* found = find_call(call)) found->in_order = false;
  release_answers();
}

void Connection::answer_result(std::uint64_t call, std::string_view json) {
  if (PendingCall* found = find_call(call)) settle(*found, rpc::result_line(found->id, json), "ok");
}

void Connection::answer_error(std::uint64_t call, const Error& error) {
  if (PendingCall* found = find_call(call)) settle(*found, rpc::error_line(found->id, error), to_text(error.code));
}

void Connection::answer_method_not_found(std::uint64_t call, std::string_view method) {
  if (PendingCall* found = find_call(call)) {
    settle(*found, rpc::method_not_found_line(found->id, method), "method_not_found");
  }
}

void Connection::settle(PendingCall& settled, std::string line, std::string_view outcome) {
  if (host_->handler != nullptr) {
    const std::chrono::nanoseconds took(uv_hrtime() - settled.started_ns);
    host_->handler->answered(settled.method, outcome, std::chrono::duration_cast<std::chrono::microseconds>(took));
  }
  last_active_ms_ = uv_now(host_->loop);
  held_bytes_ += line.size();
  settled.answer = std::move(line);
  release_answers();
  process_soon();  // a place in flight is free
}

void Connection::release_answers() {
  for (auto call = calls_.begin(); !closing_ && call != calls_.end();) {
    if (!call->answer) {
      if (call->in_order) break;
      ++call;
      continue;
    }
    std::string line = std::move(*call->answer);
    call = calls_.erase(call);
    held_bytes_ -= line.size();
    send_answer(std::move(line));
  }
  if (!processing_) flush();
}

// --- Streams ---------------------------------------------------------------------------------------------------------

std::uint64_t Connection::subscribe(std::uint64_t call, std::string_view json) {
  if (find_call(call) == nullptr) return 0;
  if (subscriptions_.size() >= kMaxSubscriptions) {
    answer_error(call, {ErrorCode::resource_exhausted, "this connection has " + std::to_string(kMaxSubscriptions) +
                                                           " streams open already, the most allowed"});
    return 0;
  }
  const std::uint64_t subscription = next_number_++;
  subscriptions_.insert(subscription);
  answer_out_of_order(call);
  answer_result(call, json);
  return subscription;
}

void Connection::unsubscribe(std::uint64_t subscription) {
  if (closing_) return;
  subscriptions_.erase(subscription);
  std::erase_if(coalesced_, [&](const auto& entry) {
    if (entry.first.first != subscription) return false;
    coalesced_bytes_ -= entry.second.size();
    return true;
  });
  process_soon();
}

void Connection::notify(std::uint64_t subscription, const std::string& key, std::string_view method,
                        std::string_view params) {
  if (!subscribed(subscription) || finishing_) return;
  std::string line = rpc::notification_line(method, params);
  if (coalesced_.empty() && pending_output() < kNotificationWindowBytes) {
    out_ += line;
    if (!processing_) flush();
    return;
  }
  std::string& newest = coalesced_[{subscription, key}];
  if (coalesced_bytes_ - newest.size() + line.size() > host_->options.max_pending_output_bytes) {
    ++host_->stats.notifications_dropped;
    if (newest.empty()) coalesced_.erase({subscription, key});
    return;
  }
  coalesced_bytes_ += line.size();
  coalesced_bytes_ -= newest.size();
  newest = std::move(line);
}

void Connection::send_coalesced() {
  while (!coalesced_.empty() && pending_output() < kNotificationWindowBytes) {
    const auto first = coalesced_.begin();
    coalesced_bytes_ -= first->second.size();
    out_ += first->second;
    coalesced_.erase(first);
  }
}

// --- Output ----------------------------------------------------------------------------------------------------------

std::size_t Connection::pending_output() const {
  return out_.size() + uv_stream_get_write_queue_size(reinterpret_cast<const uv_stream_t*>(&pipe_));
}

void Connection::send_answer(std::string line) {
  if (closing_ || finishing_) return;
  // One answer may be larger than the bound; a second one behind it means that nobody reads.
  if (pending_output() > host_->options.max_pending_output_bytes) {
    ++host_->stats.clients_too_slow;
    return close_now();
  }
  out_ += line;
  if (out_.size() > kGatherBytes) flush();
}

void Connection::flush() {
  if (closing_ || out_.empty()) return;
  auto write = std::make_unique<Write>();
  write->bytes = std::exchange(out_, {});
  write->request.data = write.get();
  const uv_buf_t buffer = uv_buf_init(write->bytes.data(), static_cast<unsigned>(write->bytes.size()));
  const auto done = [](uv_write_t* request, int status) noexcept {
    const std::unique_ptr<Write> finished(static_cast<Write*>(request->data));
    self(request->handle->data)->on_written(status);
  };
  if (uv_write(&write->request, reinterpret_cast<uv_stream_t*>(&pipe_), &buffer, 1, done) != 0) return close_now();
  static_cast<void>(write.release());  // the callback's now
}

void Connection::on_written(int status) {
  if (closing_ || finishing_) return;
  if (status != 0) return close_now();
  last_active_ms_ = uv_now(host_->loop);
  send_coalesced();
  flush();
}

void Connection::finish() {
  if (closing_ || finishing_) return;
  flush();
  if (closing_) return;
  finishing_ = true;
  subscriptions_.clear();
  coalesced_.clear();
  uv_read_stop(reinterpret_cast<uv_stream_t*>(&pipe_));
  reading_ = false;
  uv_timer_stop(&wake_);
  const auto done = [](uv_shutdown_t* request, int) noexcept { self(request->data)->close_now(); };
  if (uv_shutdown(&shutdown_, reinterpret_cast<uv_stream_t*>(&pipe_), done) != 0) close_now();
}

}  // namespace vivid::daemon
