// A posted command: what to do inside the transaction, and whom to answer after it.
//
// Threads: made by the caller, then the writer's alone.
// Ownership: the writer owns it until it has answered.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "base/error.h"
#include "queue/job_queue.h"
#include "queue/store.h"

namespace vivid::queue {

// What a command counts for against the bounds of a batch.
struct Weight {
  std::size_t rows = 1;
  std::size_t bytes = 0;
};

class Command {
 public:
  explicit Command(Weight weight) : weight_(weight) {}
  virtual ~Command() = default;

  // May run more than once: a transaction that was undone is tried again.
  virtual void apply(Store& store) = 0;
  // After the commit. False: there is more to do in a further transaction; else the caller has been answered.
  virtual bool committed() noexcept = 0;
  // Nothing was kept: answers with the reason.
  virtual void undone(const Error& reason) noexcept = 0;

  const Weight& weight() const { return weight_; }

 private:
  Weight weight_;
};

// `work(store)` returns Result<T>.
template <typename T, typename Work>
class CommandOf final : public Command {
 public:
  CommandOf(Work work, Completion<T> done, Weight weight)
      : Command(weight), work_(std::move(work)), done_(std::move(done)) {}

  void apply(Store& store) override { result_.emplace(work_(store)); }
  bool committed() noexcept override {
    done_(std::move(*result_));
    return true;
  }
  void undone(const Error& reason) noexcept override { done_(tl::make_unexpected(reason)); }

 private:
  Work work_;
  Completion<T> done_;
  std::optional<Result<T>> result_;
};

// Work too big for one transaction: `step(store, progress)` does a part, says how many it did, and sets progress.done
// with the last. A part that fails ends the command with its error; what earlier parts did stays done.
template <typename Progress, typename Step>
class LongCommand final : public Command {
 public:
  LongCommand(Progress progress, Step step, Completion<std::int64_t> done, std::size_t rows)
      : Command({.rows = rows, .bytes = 0}), before_(progress), after_(progress), step_(step), done_(std::move(done)) {}

  void apply(Store& store) override {
    after_ = before_;
    result_.emplace(step_(store, after_));
  }
  bool committed() noexcept override {
    if (!result_->has_value()) {
      done_(tl::make_unexpected(result_->error()));
      return true;
    }
    total_ += **result_;
    before_ = after_;
    if (!after_.done) return false;
    done_(total_);
    return true;
  }
  void undone(const Error& reason) noexcept override { done_(tl::make_unexpected(reason)); }

 private:
  Progress before_;
  Progress after_;
  Step step_;
  Completion<std::int64_t> done_;
  std::optional<Result<std::int64_t>> result_;
  std::int64_t total_ = 0;
};

}  // namespace vivid::queue
