#include "sync/central/link/text_link.h"

#include <random>

#include "base/log.h"
#include "sync/central/link/connector.h"
#include "sync/central/link/link_thread.h"
#include "sync/central/link/schedule.h"
#include "sync/central/link/state_book.h"
#include "sync/central/link/text_batch.h"

namespace vivid::sync {

using std::chrono::milliseconds;

namespace {

constexpr int kRenewalsBeforeReconnect = 3;
// Lapsed leases to look at in one go. Each look locks them, and takes over one.
constexpr int kLapsedAtOnce = 16;

ScheduleOptions schedule_options(const LinkOptions& options) {
  ScheduleOptions schedule;
  schedule.lease = options.lease;
  schedule.renew_interval = options.renew_interval;
  schedule.poll_minimum = options.poll_minimum;
  schedule.poll_maximum = options.poll_maximum;
  schedule.progress_interval = milliseconds(0);
  schedule.cancel_interval = milliseconds(0);
  schedule.retry = options.reconnect;
  return schedule;
}

}  // namespace

class TextLink::Implementation {
 public:
  Implementation(TextLinkOptions options, TextHost& host, const Clock& clock)
      : options_(std::move(options)),
        host_(&host),
        clock_(&clock),
        random_(options_.link.seed != 0 ? options_.link.seed : std::random_device{}()),
        schedule_(schedule_options(options_.link), random_),
        connector_(options_.link, "text", thread_.interrupt(), random_),
        batch_(options_.link, host, clock, state_, options_.batch) {}

  void wake() {
    hinted_ = true;
    thread_.wake();
  }
  void start() {
    thread_.start([this] { run(); });
  }
  void stop(milliseconds grace) { thread_.stop(grace); }
  TextLinkState state() const { return state_.read(); }

 private:
  void run();
  void connect();
  void serve();
  void lose(const Error& error);
  void lose_sessions();
  void do_task(Task task);
  // Requests asked for and got.
  struct Claims {
    int asked = 0;
    int got = 0;
  };
  Result<Claims> take_a_batch();
  ClaimOptions claim_options(int limit) const;
  // One whose lease has lapsed, answered and sent.
  Status take_a_lapsed();
  // Answered and sent with nothing else in hand: its host was lost over it, and no other is to go down with it.
  Status answer_alone(std::vector<ClaimedRequest> request);
  Status answer_batch();
  // Takes up what has been sent, and sends what is answered, on the session for answers.
  void keep_sending();
  void failed(Task task, const Error& error);
  Status renew();
  // Ends what is in hand: sends the answers, gives the rest back.
  void leave();

  SteadyTime now() const { return clock_->steady_now(); }

  TextLinkOptions options_;
  TextHost* host_;
  const Clock* clock_;
  Random random_;
  StateBook<TextLinkState> state_;
  LinkThread thread_;
  std::atomic<bool> hinted_{false};

  // From here on the thread's own.
  Schedule schedule_;
  Connector connector_;
  std::optional<Session> session_;
  std::optional<Session> answers_session_;
  TextBatch batch_;           // goes first: what it sends is on a session
  bool has_renewed_ = false;  // on this connection
};

void TextLink::Implementation::run() {
  while (!thread_.stopping()) {
    connect();
    if (session_) serve();
  }
  if (session_ && session_->is_open()) leave();
  lose_sessions();
  state_.change([](TextLinkState& state) { state.connected = false; });
}

void TextLink::Implementation::connect() {
  while (!thread_.stopping()) {
    auto session = connector_.connect();
    auto another = session ? connector_.connect() : tl::make_unexpected(session.error());
    if (another) {
      session_ = std::move(*session);
      answers_session_ = std::move(*another);
      has_renewed_ = false;
      schedule_.connected(now());
      return;
    }
    if (thread_.stopping()) return;
    state_.change([&](TextLinkState& state) { state.last_error = another.error().describe(); });
    thread_.pause(connector_.failed(another.error(), now()));
  }
}

void TextLink::Implementation::lose_sessions() {
  // What does not arrive stays in hand, and is sent again.
  if (batch_.is_sending()) (void)batch_.end_sending().has_value();
  answers_session_.reset();
  session_.reset();
}

void TextLink::Implementation::lose(const Error& error) {
  lose_sessions();
  state_.change([&](TextLinkState& state) {
    state.connected = false;
    state.last_error = error.describe();
  });
  thread_.pause(connector_.failed(error, now()));
}

void TextLink::Implementation::serve() {
  while (!thread_.stopping() && session_) {
    if (thread_.was_woken() && hinted_.exchange(false)) schedule_.hinted(now());
    keep_sending();
    if (!session_) return;
    if (const auto task = schedule_.next(now())) {
      do_task(*task);
      continue;
    }
    const auto left = std::max(schedule_.wake_at() - now(), SteadyTime::duration::zero());
    thread_.wait(std::chrono::ceil<milliseconds>(left));
  }
}

void TextLink::Implementation::do_task(Task task) {
  Status done;
  if (task == Task::renew) {
    done = renew();
  } else if (task == Task::deliver) {
    done = batch_.send(*session_);
  } else if (task == Task::claim) {
    const Result<Claims> claims = take_a_batch();
    if (claims) schedule_.claimed(now(), claims->asked, claims->got);
    if (!claims) done = tl::make_unexpected(claims.error());
  }
  if (!done) {
    failed(task, done.error());
    return;
  }
  // A renewal has said so itself, a claim has said how much it got.
  if (task == Task::hint || task == Task::deliver) schedule_.done(task, now());
  if (!schedule_.any_fails()) state_.change([](TextLinkState& state) { state.last_error.clear(); });
}

void TextLink::Implementation::failed(Task task, const Error& error) {
  if (thread_.stopping() || !session_) return;
  const int failures = schedule_.failed(task, now());
  const bool useless = task == Task::renew && (!has_renewed_ || failures >= kRenewalsBeforeReconnect);
  // While something is on its way there, the session for answers is another thread's.
  const bool cannot_answer = !batch_.is_sending() && !answers_session_->is_open();
  if (!session_->is_open() || cannot_answer || useless) {
    lose(error);
    return;
  }
  state_.change([&](TextLinkState& state) { state.last_error = error.describe(); });
  if (failures == 1) {
    log::warning("a task of the text link fails, trying again", {{"task", to_text(task)}, {"error", error.describe()}});
  }
}

void TextLink::Implementation::keep_sending() {
  if (batch_.is_sending()) {
    if (!batch_.has_sent()) return;
    if (const Status sent = batch_.end_sending(); !sent) return failed(Task::deliver, sent.error());
  }
  // After a failure the schedule says when to go on.
  if (batch_.unsent() == 0 || schedule_.failures(Task::deliver) > 0) return;
  const Status started = batch_.start_sending(*session_, *answers_session_, [this] { thread_.wake(); });
  if (!started) failed(Task::deliver, started.error());
}

Status TextLink::Implementation::renew() {
  VIVID_TRY(batch_.renew(*session_));
  schedule_.done(Task::renew, now());
  if (has_renewed_) return {};
  has_renewed_ = true;
  connector_.works(*session_, now());
  state_.change([](TextLinkState& state) { state.connected = true; });
  return {};
}

Result<TextLink::Implementation::Claims> TextLink::Implementation::take_a_batch() {
  // What a lost connection left in hand comes first; and one batch at most waits for another to arrive.
  VIVID_TRY(answer_batch());
  if (schedule_.failures(Task::deliver) > 0) VIVID_TRY(batch_.send(*session_));
  if (batch_.unsent() >= static_cast<std::size_t>(options_.batch)) {
    if (batch_.is_sending()) VIVID_TRY(batch_.end_sending());
    VIVID_TRY(batch_.start_sending(*session_, *answers_session_, [this] { thread_.wake(); }));
  }
  Claims claims;
  if (thread_.stopping() || !host_->takes_text()) return claims;
  if (schedule_.looks_for_lapsed(now())) VIVID_TRY(take_a_lapsed());
  VIVID_ASSIGN(std::vector<ClaimedRequest> pending,
               claim(*session_, options_.link.node, claim_options(options_.batch)));
  claims = {options_.batch, static_cast<int>(pending.size())};
  if (!pending.empty() && pending.front().crashes > 0) {
    VIVID_TRY(answer_alone(std::move(pending)));
    return Claims{1, 1};
  }
  batch_.add(std::move(pending));
  VIVID_TRY(answer_batch());
  return claims;
}

ClaimOptions TextLink::Implementation::claim_options(int limit) const {
  ClaimOptions wanted;
  wanted.path = RequestPath::text;
  wanted.environment = options_.link.environment;
  wanted.lease = options_.link.lease;
  wanted.max_crashes = options_.link.max_crashes;
  wanted.limit = limit;
  return wanted;
}

Status TextLink::Implementation::take_a_lapsed() {
  VIVID_ASSIGN(Reclaimed lapsed, reclaim(*session_, options_.link.node, claim_options(kLapsedAtOnce)));
  if (lapsed.buried > 0) {
    log::error("text requests have crashed their hosts too often and are given up", {{"requests", lapsed.buried}});
  }
  if (!lapsed.request) return {};
  VIVID_TRY(answer_alone({std::move(*lapsed.request)}));
  schedule_.found_lapsed(now());
  return {};
}

Status TextLink::Implementation::answer_alone(std::vector<ClaimedRequest> request) {
  const Status sent = batch_.send(*session_);
  batch_.add(std::move(request));
  VIVID_TRY(sent);
  VIVID_TRY(answer_batch());
  return batch_.send(*session_);
}

Status TextLink::Implementation::answer_batch() {
  while (!batch_.all_answered()) {
    if (thread_.past_half_of_grace()) return {};
    if (schedule_.next(now()) == Task::renew) VIVID_TRY(renew());
    if (!batch_.all_answered()) batch_.answer_some();
    if (schedule_.next(now()) == Task::renew) VIVID_TRY(renew());
    keep_sending();
    if (!session_) return fail(ErrorCode::unavailable, "the connection is gone");
  }
  return {};
}

void TextLink::Implementation::leave() {
  if (batch_.is_sending()) (void)batch_.end_sending().has_value();
  batch_.give_up_unanswered("the host stops");
  const Status left = batch_.send(*session_);
  if (!left) {
    log::warning("text requests in hand could not be given back; their leases lapse",
                 {{"error", left.error().describe()}});
  }
}

TextLink::TextLink(TextLinkOptions options, TextHost& host, const Clock& clock)
    : implementation_(std::make_unique<Implementation>(std::move(options), host, clock)) {}
TextLink::~TextLink() { stop(milliseconds(0)); }
void TextLink::wake() { implementation_->wake(); }
void TextLink::start() { implementation_->start(); }
void TextLink::stop(milliseconds grace) { implementation_->stop(grace); }
TextLinkState TextLink::state() const { return implementation_->state(); }

}  // namespace vivid::sync
