// What handlers hold: thin, movable names of a call or a stream, safe when its connection is gone.
#include <utility>

#include "daemon/control/connection.h"
#include "daemon/control/control_server.h"

namespace vivid::daemon {

Responder::Responder(Responder&& other) noexcept
    : connection_(std::move(other.connection_)), call_(std::exchange(other.call_, 0)), held_(std::move(other.held_)) {}

Responder& Responder::operator=(Responder&& other) noexcept {
  if (this != &other) {
    if (waiting()) fail({ErrorCode::internal, "the request was dropped without an answer"});
    connection_ = std::move(other.connection_);
    call_ = std::exchange(other.call_, 0);
    held_ = std::move(other.held_);
  }
  return *this;
}

Responder::~Responder() {
  if (waiting()) fail({ErrorCode::internal, "the request was dropped without an answer"});
}

bool Responder::waiting() const {
  const auto connection = connection_.lock();
  return call_ != 0 && connection && connection->call_waiting(call_);
}

void Responder::answer_out_of_order() {
  if (const auto connection = connection_.lock()) connection->answer_out_of_order(call_);
}

void Responder::result(std::string_view json) {
  const std::uint64_t call = std::exchange(call_, 0);
  const std::shared_ptr<void> held = std::move(held_);
  if (const auto connection = connection_.lock()) connection->answer_result(call, json);
}

void Responder::fail(const Error& error) {
  const std::uint64_t call = std::exchange(call_, 0);
  const std::shared_ptr<void> held = std::move(held_);
  if (const auto connection = connection_.lock()) connection->answer_error(call, error);
}

void Responder::method_not_found(std::string_view method) {
  const std::uint64_t call = std::exchange(call_, 0);
  const std::shared_ptr<void> held = std::move(held_);
  if (const auto connection = connection_.lock()) connection->answer_method_not_found(call, method);
}

Subscription Responder::subscribe(std::string_view json) {
  const std::uint64_t call = std::exchange(call_, 0);
  const std::shared_ptr<void> held = std::move(held_);
  const auto connection = connection_.lock();
  if (!connection) return {};
  return {connection_, connection->subscribe(call, json)};
}

Subscription& Subscription::operator=(Subscription&& other) noexcept {
  if (this != &other) {
    end();
    connection_ = std::move(other.connection_);
    id_ = other.id_;
  }
  return *this;
}

Subscription::~Subscription() { end(); }

void Subscription::end() {
  if (const auto connection = connection_.lock()) connection->unsubscribe(id_);
  connection_.reset();
}

bool Subscription::active() const {
  const auto connection = connection_.lock();
  return connection && connection->subscribed(id_);
}

void Subscription::notify(const std::string& key, std::string_view method, std::string_view params_json) {
  if (const auto connection = connection_.lock()) connection->notify(id_, key, method, params_json);
}

}  // namespace vivid::daemon
