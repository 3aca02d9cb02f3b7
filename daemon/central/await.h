// Waits for a queue command's answer, for threads that may block.
//
// Threads: any but the loop's and the queue's own.
#pragma once

#include <future>
#include <memory>

#include "base/error.h"

namespace vivid::daemon {

// `start(completion)` posts the command.
template <typename T, typename Start>
Result<T> await(Start start) {
  auto promise = std::make_shared<std::promise<Result<T>>>();
  auto future = promise->get_future();
  start([promise](Result<T> done) { promise->set_value(std::move(done)); });
  return future.get();
}

}  // namespace vivid::daemon
