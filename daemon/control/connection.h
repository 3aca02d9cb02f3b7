// One client of the control socket: its input, the calls it waits for, and its bounded output.
//
// Threads: the loop's. Ownership: held by the host's list while open; libuv's handles keep it until they are closed.
#pragma once

#include <uv.h>

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/control/access.h"
#include "daemon/control/byte_budget.h"
#include "daemon/control/control_server.h"
#include "daemon/control/json_rpc.h"
#include "daemon/control/line_framer.h"
#include "daemon/control/token_bucket.h"

namespace vivid::daemon {

// What all connections of one server share.
struct ConnectionHost {
  uv_loop_t* loop = nullptr;
  ControlOptions options;
  ControlHandler* handler = nullptr;  // null once the server is gone
  AccessPolicy access;
  std::shared_ptr<ByteBudget> budget;
  ControlStats stats;
  std::function<void(Connection*)> closed;  // all of the connection's handles are closed
  std::array<char, 64 * 1024> read_buffer;  // a read is used up before the next one
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  explicit Connection(std::shared_ptr<ConnectionHost> host);

  // Takes the waiting client; the connection lives until `closed`, whatever is returned.
  Status accept(uv_stream_t* listener);
  // Says why nobody will listen, and hangs up.
  void turn_away(const Error& error);
  // Answers open calls with `error`, ends streams, flushes, hangs up.
  void wind_up(const Error& error);
  void close_now();

  bool open() const { return !closing_; }
  // Nothing is waited for: another client may have its place.
  bool idle() const;
  std::uint64_t last_active_ms() const { return last_active_ms_; }

  bool call_waiting(std::uint64_t call);
  void answer_out_of_order(std::uint64_t call);
  void answer_result(std::uint64_t call, std::string_view json);
  void answer_error(std::uint64_t call, const Error& error);
  void answer_method_not_found(std::uint64_t call, std::string_view method);
  // 0: refused, and answered so.
  std::uint64_t subscribe(std::uint64_t call, std::string_view json);
  bool subscribed(std::uint64_t subscription) const { return open() && subscriptions_.contains(subscription); }
  void unsubscribe(std::uint64_t subscription);
  void notify(std::uint64_t subscription, const std::string& key, std::string_view method, std::string_view params);

 private:
  struct PendingCall {
    std::uint64_t number = 0;
    std::string id;  // JSON
    std::string method;
    std::uint64_t started_ns = 0;
    bool in_order = true;
    std::optional<std::string> answer;  // held back until earlier ones are answered
  };
  struct Write;
  struct Parse;
  using ParsedRequest = tl::expected<rpc::Request, rpc::Refusal>;

  void on_read(ssize_t count, const char* bytes);
  void on_end_of_input();
  void process();
  void process_soon();
  void wake_after(std::uint64_t delay_ms);
  bool awaits_budget();
  void process_line(std::string_view line);
  // A long line would keep the loop from its other clients.
  void parse_elsewhere(std::string_view line, std::shared_ptr<void> held);
  void take_request(ParsedRequest request, std::uint64_t started_ns, std::shared_ptr<void> held);
  bool permitted(const std::string& method);
  void reading_on();

  PendingCall* find_call(std::uint64_t call);
  void settle(PendingCall& settled, std::string line, std::string_view outcome);
  void release_answers();

  std::size_t pending_output() const;
  void send_answer(std::string line);
  void flush();
  void on_written(int status);
  void send_coalesced();
  void finish();

  std::shared_ptr<ConnectionHost> host_;
  uv_pipe_t pipe_{};
  uv_timer_t wake_{};  // calls process() later
  uv_shutdown_t shutdown_{};
  int open_handles_ = 0;
  std::shared_ptr<Connection> keep_;  // while libuv has the handles

  Peer peer_;
  LineFramer framer_;
  TokenBucket bucket_;
  std::uint64_t last_active_ms_ = 0;
  bool processing_ = false;
  bool parsing_ = false;  // a line is being parsed elsewhere, and those after it wait
  bool awaiting_budget_ = false;
  bool denial_logged_ = false;
  bool reading_ = false;
  bool input_ended_ = false;
  bool finishing_ = false;
  bool closing_ = false;

  std::uint64_t next_number_ = 1;
  std::deque<PendingCall> calls_;
  std::size_t held_bytes_ = 0;
  std::set<std::uint64_t> subscriptions_;
  std::map<std::pair<std::uint64_t, std::string>, std::string> coalesced_;  // newest notification of each key
  std::size_t coalesced_bytes_ = 0;
  std::string out_;  // gathered, not yet given to libuv
};

}  // namespace vivid::daemon
