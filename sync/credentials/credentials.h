// The access token of the moment: fetched once however many ask, and renewed before it runs out.
//
// Threads: every method from any thread. token() blocks while there is none to give; who asks while another thread
// renews one that is still good gets that one. Ownership: keeps its source.
// Errors: as TokenSource. Units: a token is renewed kRenewBefore early.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "base/backoff.h"
#include "base/clock.h"
#include "sync/credentials/token_source.h"

namespace vivid::sync {

class Credentials {
 public:
  static constexpr std::chrono::minutes kRenewBefore{5};
  // After a failed renewal the old token serves on, and none is asked for, for so long.
  static constexpr std::chrono::seconds kPause{10};

  // No source: requests go out without a token, as emulators want them.
  Credentials(std::unique_ptr<TokenSource> source, const Clock& clock);

  bool anonymous() const { return source_ == nullptr; }
  std::string describe() const;

  // Empty: anonymous.
  Result<Secret> token();
  // A service refused it: the next to ask gets another one.
  void reject(const Secret& token);

 private:
  bool serves(SteadyTime now) const { return !current_.text.empty() && now < current_.expires_at; }

  const std::unique_ptr<TokenSource> source_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable renewed_;
  AccessToken current_;
  bool renewing_ = false;
  SteadyTime renew_not_before_{};
  Result<void> last_;  // how the last renewal ended
  std::uint64_t renewals_ = 0;
};

}  // namespace vivid::sync
