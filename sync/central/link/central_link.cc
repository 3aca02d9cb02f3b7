#include "sync/central/link/central_link.h"

#include <algorithm>
#include <random>

#include "base/log.h"
#include "sync/central/link/connector.h"
#include "sync/central/link/duties.h"
#include "sync/central/link/link_thread.h"
#include "sync/central/link/listener.h"
#include "sync/central/link/metrics_keeper.h"
#include "sync/central/link/schedule.h"
#include "sync/central/link/state_book.h"

namespace vivid::sync {

using std::chrono::milliseconds;

namespace {

// Statements and sessions end by themselves well before; this is for a server that says nothing at all.
constexpr milliseconds kStopGrace{500};
// A server that takes connections but no renewals, such as one that has become a standby, is left for another.
constexpr int kRenewalsBeforeReconnect = 3;

ScheduleOptions schedule_options(const LinkOptions& options) {
  ScheduleOptions schedule;
  schedule.lease = options.lease;
  schedule.renew_interval = options.renew_interval;
  schedule.poll_minimum = options.poll_minimum;
  schedule.poll_maximum = options.poll_maximum;
  schedule.progress_interval = options.progress_interval;
  schedule.cancel_interval = options.cancel_interval;
  schedule.retry = options.reconnect;
  return schedule;
}

}  // namespace

class CentralLink::Implementation {
 public:
  Implementation(LinkOptions options, CentralHost& host, const Clock& clock)
      : options_(std::move(options)),
        clock_(&clock),
        random_(options_.seed != 0 ? options_.seed : std::random_device{}()),
        schedule_(schedule_options(options_), random_),
        duties_(options_, host, clock, state_, random_),
        connector_(options_, "central", thread_.interrupt(), random_),
        listener_(options_, thread_.interrupt(), random_),
        metrics_(options_, clock, state_, random_.up_to(~std::uint64_t{0})) {}

  void wake() { thread_.wake(); }
  void set_on_hint(std::function<void()> new_requests) { on_hint_ = std::move(new_requests); }
  void start() {
    thread_.start([this] { run(); });
    metrics_.start();
  }
  void stop() {
    metrics_.stop(milliseconds(0));
    thread_.stop(kStopGrace);
  }
  LinkState state() const { return state_.read(); }

 private:
  void run();
  // Until it is connected, or to be stopped.
  void connect();
  void serve();
  void lose(const Error& error);

  // False: nothing was due.
  bool do_next();
  // True: there is more of the same to do.
  Result<bool> act(Task task);
  Result<bool> claim();
  void succeeded(Task task);
  void failed(Task task, const Error& error);

  void attend_to_listener();
  void listener_lost(const Error& error);
  void hear();
  void wait();

  SteadyTime now() const { return clock_->steady_now(); }

  LinkOptions options_;
  const Clock* clock_;
  Random random_;
  StateBook<LinkState> state_;
  LinkThread thread_;
  std::function<void()> on_hint_;

  // From here on the thread's own.
  Schedule schedule_;
  Duties duties_;
  Connector connector_;
  Listener listener_;
  std::optional<Session> work_;
  bool has_renewed_ = false;  // on this connection

  MetricsKeeper metrics_;
};

void CentralLink::Implementation::run() {
  while (!thread_.stopping()) {
    connect();
    if (work_) serve();
  }
  listener_.close();
  work_.reset();
  state_.change([](LinkState& state) { state.connected = state.listening = false; });
}

void CentralLink::Implementation::connect() {
  while (!thread_.stopping()) {
    auto session = connector_.connect();
    Status met;
    if (session) met = duties_.recognise(*session);
    if (session && met) {
      work_ = std::move(*session);
      has_renewed_ = false;
      schedule_.connected(now());
      return;
    }
    const Error& error = session ? met.error() : session.error();
    if (thread_.stopping()) return;
    state_.change([&](LinkState& state) { state.last_error = error.describe(); });
    thread_.pause(connector_.failed(error, now()));
  }
}

void CentralLink::Implementation::lose(const Error& error) {
  const bool stopping = thread_.stopping();
  work_.reset();
  listener_.close();
  state_.change([&](LinkState& state) {
    state.connected = state.listening = false;
    state.connected_since.reset();
    if (!stopping) state.last_error = error.describe();
  });
  if (!stopping) thread_.pause(connector_.failed(error, now()));
}

void CentralLink::Implementation::serve() {
  while (!thread_.stopping() && work_) {
    if (thread_.was_woken()) schedule_.woken(now());
    if (do_next()) {
      if (work_) hear();
      continue;
    }
    attend_to_listener();
    if (work_) wait();
  }
}

bool CentralLink::Implementation::do_next() {
  const auto task = schedule_.next(now());
  if (!task) return false;
  if (const auto asleep = schedule_.overslept(now()); asleep && *task == Task::renew && has_renewed_) {
    log::warning("no lease was renewed for longer than it lasts: renewing before anything else",
                 {{"seconds", std::chrono::duration<double>(*asleep).count()}});
  }
  const Result<bool> done = act(*task);
  if (!done) {
    failed(*task, done.error());
    return true;
  }
  if (*task != Task::claim) schedule_.done(*task, now(), *done);
  succeeded(*task);
  return true;
}

Result<bool> CentralLink::Implementation::act(Task task) {
  switch (task) {
    case Task::renew:
      VIVID_TRY(duties_.renew(*work_));
      return false;
    case Task::hint:
      if (on_hint_) on_hint_();
      return false;
    case Task::watch_cancelled:
      VIVID_TRY(duties_.watch_cancelled(*work_));
      return false;
    case Task::deliver:
      return duties_.deliver(*work_);
    case Task::publish_progress:
      VIVID_TRY(duties_.publish_progress(*work_));
      return false;
    case Task::claim:
      return claim();
  }
  return false;
}

Result<bool> CentralLink::Implementation::claim() {
  const int room = duties_.room();
  int got = 0;
  if (room > 0) {
    const bool lapsed_too = schedule_.looks_for_lapsed(now());
    VIVID_ASSIGN(got, duties_.claim(*work_, room, lapsed_too));
  }
  schedule_.claimed(now(), room, got);
  return false;
}

void CentralLink::Implementation::succeeded(Task task) {
  if (task == Task::renew && !has_renewed_) {
    has_renewed_ = true;
    connector_.works(*work_, now());
    state_.change([&](LinkState& state) {
      if (!state.server.empty()) ++state.reconnects;
      state.connected = true;
      state.server = work_->description();
      state.connected_since = clock_->now();
    });
  }
  if (schedule_.any_fails() || metrics_.fails()) return;
  const bool twin = duties_.has_twin();
  state_.change([&](LinkState& state) {
    state.last_error = twin ? "another daemon goes by the node_id " + options_.node.node_id : std::string();
  });
}

void CentralLink::Implementation::failed(Task task, const Error& error) {
  if (thread_.stopping()) return;
  const SteadyTime at = now();
  const int failures = schedule_.failed(task, at);
  const bool useless = task == Task::renew && (!has_renewed_ || failures >= kRenewalsBeforeReconnect);
  if (!work_->is_open() || useless) {
    lose(error);
    return;
  }
  state_.change([&](LinkState& state) { state.last_error = error.describe(); });
  if (schedule_.is_worth_telling(task, at)) {
    // A right that is missing comes back by nobody's doing but an operator's.
    const auto level = error.code == ErrorCode::permission_denied ? log::Level::error : log::Level::warning;
    log::write(level, "a task of the central link fails, trying again",
               {{"task", to_text(task)}, {"error", error.describe()}});
  }
}

void CentralLink::Implementation::attend_to_listener() {
  const Result<bool> attended = listener_.attend(now());
  if (!attended) {
    listener_lost(attended.error());
    return;
  }
  if (*attended) schedule_.hinted(now());
  state_.change([&](LinkState& state) { state.listening = listener_.listens(); });
}

void CentralLink::Implementation::hear() {
  const Result<Listener::Heard> heard = listener_.hear();
  if (!heard) {
    listener_lost(heard.error());
    return;
  }
  if (heard->requests) schedule_.hinted(now());
  for (const std::string& id : heard->cancelled) duties_.heard_cancelled(id);
}

void CentralLink::Implementation::listener_lost(const Error& error) {
  state_.change([](LinkState& state) { state.listening = false; });
  if (thread_.stopping()) return;
  // Usually both are gone, and one warning is enough.
  if (const auto alive = work_->run("SELECT 1"); !alive) {
    lose(to_error(alive.error(), "the connection is gone"));
    return;
  }
  listener_.lost(error, now());
}

void CentralLink::Implementation::wait() {
  // Notifications may have come along with an answer: then the socket is silent.
  hear();
  if (!work_) return;
  const SteadyTime until = std::min(schedule_.wake_at(), listener_.due());
  const auto left = std::max(until - now(), SteadyTime::duration::zero());
  // Rounded up: waking a little early would find nothing due and wait again.
  thread_.wait(std::chrono::ceil<milliseconds>(left), listener_.wait_fd());
}

CentralLink::CentralLink(LinkOptions options, CentralHost& host, const Clock& clock)
    : implementation_(std::make_unique<Implementation>(std::move(options), host, clock)) {}
CentralLink::~CentralLink() { stop(); }
void CentralLink::wake() { implementation_->wake(); }
void CentralLink::set_on_hint(std::function<void()> new_requests) {
  implementation_->set_on_hint(std::move(new_requests));
}
void CentralLink::start() { implementation_->start(); }
void CentralLink::stop() { implementation_->stop(); }
LinkState CentralLink::state() const { return implementation_->state(); }

}  // namespace vivid::sync
