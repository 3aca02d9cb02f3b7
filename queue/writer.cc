#include "queue/writer.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/log.h"

namespace vivid::queue {
namespace {

// Callers that were just answered together tend to post again together. Without this the first of them would have a
// sync to itself while the others wait for the next.
constexpr std::chrono::microseconds kCompanyPatience{30};

bool is_of_the_disk(ErrorCode code) {
  return code == ErrorCode::disk_full || code == ErrorCode::io_error || code == ErrorCode::data_corrupt ||
         code == ErrorCode::permission_denied;
}

}  // namespace

Writer::Writer(const Options& options, std::unique_ptr<Transactor> transactor, std::function<void()> on_reopen)
    : options_(options),
      transactor_(std::move(transactor)),
      on_reopen_(std::move(on_reopen)),
      random_(options.seed + 1),
      thread_([this] { run(); }) {}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  posted_.notify_one();
  thread_.join();
}

void Writer::set_listener(std::function<void()> listener) {
  const std::lock_guard lock(mutex_);
  listener_ = std::move(listener);
}

// Called without the lock, so that it may post; copied, because another may be set meanwhile.
void Writer::tell_listener() const {
  std::function<void()> listener;
  {
    const std::lock_guard lock(mutex_);
    listener = listener_;
  }
  if (listener) listener();
}

std::optional<Error> Writer::suspended() const {
  const std::lock_guard lock(mutex_);
  return suspended_;
}

void Writer::post(std::unique_ptr<Command> command) {
  std::optional<Error> refused;
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (suspended_) {
      refused = suspended_;
    } else if (waiting_.size() >= options_.max_waiting_commands) {
      refused = Error{ErrorCode::resource_exhausted, "the queue has " + std::to_string(waiting_.size()) +
                                                         " commands waiting, which is the most it takes"};
    } else if (waiting_bytes_ > 0 && waiting_bytes_ + command->weight().bytes > options_.max_waiting_bytes) {
      refused = Error{ErrorCode::resource_exhausted, "the queue has " + std::to_string(waiting_bytes_) +
                                                         " bytes waiting, and takes at most " +
                                                         std::to_string(options_.max_waiting_bytes)};
    } else {
      waiting_bytes_ += command->weight().bytes;
      waiting_.push_back(std::move(command));
      wake = sleeping_;
    }
  }
  if (refused) return command->undone(*refused);
  if (wake) posted_.notify_one();
}

void Writer::run() {
  Batch batch;
  while (gather(batch)) {
    if (!batch.empty()) process(batch);
    batch.clear();
  }
  // Else what failed last could come back with the next start.
  if (suspended()) static_cast<void>(transactor_->reopen());
}

bool Writer::gather(Batch& batch) {
  std::unique_lock lock(mutex_);
  for (;;) {
    const bool is_suspended = suspended_.has_value();
    if (!waiting_.empty()) break;
    if (stopping_) return false;
    if (is_suspended && std::chrono::steady_clock::now() >= reopen_at_) {
      lock.unlock();
      try_to_resume();
      lock.lock();
      continue;
    }
    sleeping_ = true;
    if (is_suspended) {
      posted_.wait_until(lock, reopen_at_);
    } else {
      posted_.wait(lock);
    }
    sleeping_ = false;
  }
  await_company(lock);
  take(batch);
  last_batch_ = batch.size();
  return true;
}

void Writer::await_company(std::unique_lock<std::mutex>& lock) {
  const std::size_t expected = std::min(last_batch_, options_.max_batch_rows);
  std::size_t seen = waiting_.size();
  auto stalls_at = std::chrono::steady_clock::now() + kCompanyPatience;
  while (waiting_.size() < expected && !stopping_) {
    lock.unlock();
    std::this_thread::yield();
    lock.lock();
    const auto now = std::chrono::steady_clock::now();
    if (waiting_.size() > seen) {
      seen = waiting_.size();
      stalls_at = now + kCompanyPatience;
    } else if (now >= stalls_at) {
      return;
    }
  }
}

void Writer::take(Batch& batch) {
  std::size_t rows = 0;
  std::size_t bytes = 0;
  while (!waiting_.empty()) {
    const Weight& weight = waiting_.front()->weight();
    const bool fits = rows + weight.rows <= options_.max_batch_rows && bytes + weight.bytes <= options_.max_batch_bytes;
    if (!batch.empty() && !fits) return;
    rows += weight.rows;
    bytes += weight.bytes;
    waiting_bytes_ -= weight.bytes;
    batch.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
}

void Writer::process(Batch& batch) {
  if (const std::optional<Error> error = suspended()) {
    for (const auto& command : batch) command->undone(*error);
    return;
  }
  Status done = transactor_->run(batch);
  if (done) return answer(batch);
  if (is_of_the_disk(done.error().code)) {
    suspend(done.error());
    for (const auto& command : batch) command->undone(done.error());
    return;
  }
  if (batch.size() > 1) return process_alone(batch);
  batch.front()->undone(done.error());
}

// One of them broke the transaction for all: each gets its own.
void Writer::process_alone(Batch& batch) {
  for (std::unique_ptr<Command>& command : batch) {
    Batch one;
    one.push_back(std::move(command));
    process(one);
  }
}

void Writer::answer(Batch& batch) {
  const bool work_changed = transactor_->work_changed();
  for (std::unique_ptr<Command>& command : batch) {
    if (command->committed()) continue;
    const std::lock_guard lock(mutex_);
    waiting_bytes_ += command->weight().bytes;
    waiting_.push_back(std::move(command));
  }
  if (work_changed) tell_listener();
  if (Status status = transactor_->checkpoint_if_long(); !status) {
    // Everything answered is safe in the WAL. A checkpoint that a reader holds up is tried again after the next commit.
    if (is_of_the_disk(status.error().code)) suspend(status.error());
  }
}

void Writer::suspend(const Error& error) {
  reopen_attempts_ = 1;
  reopen_at_ = std::chrono::steady_clock::now() + full_jitter(options_.reopen, reopen_attempts_, random_);
  log::error("queue suspended", {{"error", error.describe()}, {"path", options_.path.string()}});
  const std::lock_guard lock(mutex_);
  suspended_ = error;
}

void Writer::try_to_resume() {
  if (Status status = transactor_->reopen(); !status) {
    ++reopen_attempts_;
    reopen_at_ = std::chrono::steady_clock::now() + full_jitter(options_.reopen, reopen_attempts_, random_);
    log::warning("queue still suspended", {{"error", status.error().describe()}, {"attempt", reopen_attempts_}});
    return;
  }
  on_reopen_();
  log::info("queue resumed", {{"attempts", reopen_attempts_}});
  {
    const std::lock_guard lock(mutex_);
    suspended_.reset();
  }
  tell_listener();
}

}  // namespace vivid::queue
