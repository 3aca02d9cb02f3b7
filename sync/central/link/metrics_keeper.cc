#include "sync/central/link/metrics_keeper.h"

#include <algorithm>

#include "base/log.h"
#include "sync/central/results/deliveries.h"
#include "sync/central/results/metrics_rollup.h"

namespace vivid::sync {

using std::chrono::milliseconds;

namespace {

constexpr int kMostRows = 100;
constexpr int kPrunedDeliveries = 1'000;
// Of the time it takes, how much is left in between.
constexpr int kPause = 10;

}  // namespace

MetricsKeeper::MetricsKeeper(const LinkOptions& options, const Clock& clock, StateBook<LinkState>& state,
                             std::uint64_t seed)
    : options_(&options),
      clock_(&clock),
      state_(&state),
      random_(seed),
      connector_(options, "metrics", thread_.interrupt(), random_),
      rows_(kMostRows) {}

void MetricsKeeper::start() {
  if (options_->rollup_interval.count() > 0) thread_.start([this] { run(); });
}

void MetricsKeeper::run() {
  // A whole fleet connects at once; the aggregates need only one of it.
  thread_.pause(milliseconds(random_.up_to(static_cast<std::uint64_t>(options_->rollup_interval.count()))));
  while (!thread_.stopping()) {
    milliseconds left = options_->rollup_interval;
    if (state_->read().connected) {
      left = roll_up();
    } else {
      session_.reset();
    }
    thread_.pause(left);
  }
  session_.reset();
}

milliseconds MetricsKeeper::roll_up() {
  const SteadyTime begun = clock_->steady_now();
  const Result<bool> more = do_some();
  if (!more) return failed(more.error());
  failures_ = 0;
  fails_ = false;
  rows_ = std::min(rows_ * 2, kMostRows);
  const auto pause = std::chrono::ceil<milliseconds>(clock_->steady_now() - begun) * kPause;
  return *more ? pause : std::max<milliseconds>(pause, options_->rollup_interval);
}

Result<bool> MetricsKeeper::do_some() {
  if (!session_) {
    VIVID_ASSIGN(session_, connector_.connect());
  }
  VIVID_ASSIGN(const int rows, roll_up_metrics(*session_, rows_));
  VIVID_ASSIGN(const int pruned, prune_deliveries(*session_, kPrunedDeliveries));
  connector_.works(*session_, clock_->steady_now());
  return rows >= rows_ || pruned >= kPrunedDeliveries;
}

milliseconds MetricsKeeper::failed(const Error& error) {
  if (thread_.stopping()) return milliseconds(0);
  ++failures_;
  // Perhaps it is too much at once for the time that a statement has.
  rows_ = std::max(rows_ / 4, 1);
  if (!session_ || !session_->is_open()) {
    session_.reset();
    return connector_.failed(error, clock_->steady_now());
  }
  fails_ = true;
  state_->change([&](LinkState& state) { state.last_error = error.describe(); });
  if (failures_ == 1) {
    // A right that is missing comes back by nobody's doing but an operator's.
    const auto level = error.code == ErrorCode::permission_denied ? log::Level::error : log::Level::warning;
    log::write(level, "the metrics cannot be recomputed, trying again", {{"error", error.describe()}});
  }
  return full_jitter(options_->reconnect, failures_, random_);
}

}  // namespace vivid::sync
