#include "sync/credentials/credentials.h"

#include "base/log.h"

namespace vivid::sync {

Credentials::Credentials(std::unique_ptr<TokenSource> source, const Clock& clock)
    : source_(std::move(source)), clock_(clock) {}

std::string Credentials::describe() const { return source_ ? source_->describe() : "none: requests are anonymous"; }

Result<Secret> Credentials::token() {
  if (!source_) return Secret();
  std::unique_lock lock(mutex_);
  const SteadyTime now = clock_.steady_now();
  const bool fresh = serves(now) && now + kRenewBefore < current_.expires_at;
  if (fresh) return current_.text;
  if (serves(now) && (renewing_ || now < renew_not_before_)) return current_.text;
  if (renewing_) {
    const std::uint64_t seen = renewals_;
    renewed_.wait(lock, [&] { return renewals_ != seen; });
    if (!last_) return tl::make_unexpected(last_.error());
    return current_.text;
  }
  renewing_ = true;
  lock.unlock();
  auto fetched = source_->fetch();
  lock.lock();
  renewing_ = false;
  ++renewals_;
  last_ = {};
  if (fetched) {
    current_ = std::move(*fetched);
  } else {
    last_ = tl::make_unexpected(fetched.error());
    renew_not_before_ = clock_.steady_now() + kPause;
  }
  renewed_.notify_all();
  if (last_) return current_.text;
  if (!serves(clock_.steady_now())) return tl::make_unexpected(last_.error());
  log::warning("the access token is not renewed; the old one serves on", {{"reason", last_.error().describe()}});
  return current_.text;
}

void Credentials::reject(const Secret& token) {
  const std::lock_guard lock(mutex_);
  if (current_.text == token) current_ = {};
}

}  // namespace vivid::sync
