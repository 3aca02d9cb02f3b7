#include "tests/support/nvidia/streams.h"

#include <cstddef>
#include <deque>
#include <mutex>
#include <set>
#include <utility>

#include "tests/support/nvidia/control.h"

#define STAND_IN_API __attribute__((visibility("default"))) CUresult

namespace vivid::stand_in {
namespace {

constexpr unsigned kOfItsOwn = 1;
constexpr int kLost = CUDA_ERROR_UNKNOWN;

struct Queue {
  std::deque<std::function<void()>> work;
  std::size_t done = 0;  // how much was
};

// How far its stream had got when it was recorded last.
struct Mark {
  Queue* queue = nullptr;
  std::size_t place = 0;
};

std::recursive_mutex mutex;
std::set<Queue*> queues;

Queue* queue_of(CUstream stream) { return reinterpret_cast<Queue*>(stream); }
Mark* mark_of(CUevent event) { return reinterpret_cast<Mark*>(event); }

void advance(Queue* queue, std::size_t place) {
  while (queues.contains(queue) && queue->done < place && !queue->work.empty()) {
    const std::function<void()> work = std::move(queue->work.front());
    queue->work.pop_front();
    work();
    ++queue->done;
  }
}

std::size_t end_of(const Queue& queue) { return queue.done + queue.work.size(); }

CUresult finish(Queue* queue, const char* function) {
  if (const auto code = disturb(function, current_gpu(), kLost)) return static_cast<CUresult>(*code);
  const std::lock_guard lock(mutex);
  if (queue != nullptr) advance(queue, end_of(*queue));
  return CUDA_SUCCESS;
}

}  // namespace

void do_in(CUstream stream, std::function<void()> work) {
  const std::lock_guard lock(mutex);
  if (stream == nullptr) {
    work();
  } else {
    queue_of(stream)->work.push_back(std::move(work));
  }
}

void finish_all() {
  const std::lock_guard lock(mutex);
  for (Queue* queue : queues) advance(queue, end_of(*queue));
}

}  // namespace vivid::stand_in

using namespace vivid::stand_in;

extern "C" {

STAND_IN_API cuStreamCreate(CUstream* stream, unsigned flags) {
  const std::lock_guard lock(mutex);
  *stream = nullptr;
  if ((flags & kOfItsOwn) == 0) return CUDA_SUCCESS;
  Queue* queue = *queues.insert(new Queue()).first;
  *stream = reinterpret_cast<CUstream>(queue);
  return CUDA_SUCCESS;
}
STAND_IN_API cuStreamDestroy_v2(CUstream stream) {
  const std::lock_guard lock(mutex);
  Queue* queue = queue_of(stream);
  if (queue == nullptr) return CUDA_SUCCESS;
  advance(queue, end_of(*queue));
  queues.erase(queue);
  delete queue;
  return CUDA_SUCCESS;
}
STAND_IN_API cuStreamQuery(CUstream stream) { return finish(queue_of(stream), "cuStreamQuery"); }
STAND_IN_API cuStreamSynchronize(CUstream stream) { return finish(queue_of(stream), "cuStreamSynchronize"); }
STAND_IN_API cuStreamAddCallback(CUstream stream, CUstreamCallback* callback, void* user, unsigned) {
  do_in(stream, [=] { callback(stream, CUDA_SUCCESS, user); });
  return CUDA_SUCCESS;
}
STAND_IN_API cuStreamWaitEvent(CUstream stream, CUevent event, unsigned) {
  const std::lock_guard lock(mutex);
  const Mark mark = *mark_of(event);
  if (mark.queue != nullptr) do_in(stream, [mark] { advance(mark.queue, mark.place); });
  return CUDA_SUCCESS;
}
STAND_IN_API cuEventCreate(CUevent* event, unsigned) {
  *event = reinterpret_cast<CUevent>(new Mark());
  return CUDA_SUCCESS;
}
STAND_IN_API cuEventDestroy_v2(CUevent event) {
  delete mark_of(event);
  return CUDA_SUCCESS;
}
STAND_IN_API cuEventRecord(CUevent event, CUstream stream) {
  const std::lock_guard lock(mutex);
  Queue* queue = queue_of(stream);
  *mark_of(event) = {queue, queue == nullptr ? 0 : end_of(*queue)};
  return CUDA_SUCCESS;
}
STAND_IN_API cuEventSynchronize(CUevent event) {
  if (const auto code = disturb("cuEventSynchronize", current_gpu(), kLost)) return static_cast<CUresult>(*code);
  const std::lock_guard lock(mutex);
  const Mark mark = *mark_of(event);
  if (mark.queue != nullptr) advance(mark.queue, mark.place);
  return CUDA_SUCCESS;
}
STAND_IN_API cuEventQuery(CUevent event) { return cuEventSynchronize(event); }
STAND_IN_API cuEventElapsedTime(float* milliseconds, CUevent, CUevent) {
  *milliseconds = 1.0F;
  return CUDA_SUCCESS;
}

}  // extern "C"
