#include "sync/central/link/listener.h"

namespace vivid::sync {
namespace {

constexpr const char* kRequests = "vividd_requests";
constexpr const char* kCancelled = "vividd_cancelled";
constexpr std::chrono::seconds kHealthInterval{30};

}  // namespace

Result<bool> Listener::attend(SteadyTime now) {
  if (now < due_) return false;
  due_ = now + kHealthInterval;
  if (session_) {
    if (const auto alive = session_->run("SELECT 1"); !alive) {
      return tl::make_unexpected(to_error(alive.error(), "the connection that listens is gone"));
    }
    return false;
  }
  VIVID_ASSIGN(session_, connector_.connect());
  if (const auto listens = session_->listen({kRequests, kCancelled}); !listens) {
    return tl::make_unexpected(to_error(listens.error(), "cannot listen"));
  }
  connector_.works(*session_, now);
  return true;
}

Result<Listener::Heard> Listener::hear() {
  Heard heard;
  if (!session_) return heard;
  auto notifications = session_->notifications();
  if (!notifications)
    return tl::make_unexpected(to_error(notifications.error(), "the connection that listens is gone"));
  for (Notification& notification : *notifications) {
    if (notification.channel == kRequests) heard.requests = true;
    if (notification.channel == kCancelled) heard.cancelled.push_back(std::move(notification.payload));
  }
  return heard;
}

void Listener::lost(const Error& error, SteadyTime now) {
  session_.reset();
  due_ = now + connector_.failed(error, now);
}

void Listener::close() {
  session_.reset();
  due_ = SteadyTime{};
}

}  // namespace vivid::sync
