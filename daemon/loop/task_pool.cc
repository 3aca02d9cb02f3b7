#include "daemon/loop/task_pool.h"

#include <pthread.h>

namespace vivid::daemon {

TaskPool::TaskPool(Options options, Mailbox::Poster loop) : options_(std::move(options)), loop_(std::move(loop)) {
  grow_to(options_.threads);
}

void TaskPool::grow_to(int threads) {
  for (int i = static_cast<int>(threads_.size()); i < threads; ++i) threads_.emplace_back([this, i] { run_thread(i); });
}

TaskPool::~TaskPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    tasks_.clear();
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

std::size_t TaskPool::waiting() const {
  const std::lock_guard lock(mutex_);
  return tasks_.size();
}

Status TaskPool::enqueue(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return fail(ErrorCode::unavailable, "vividd is stopping");
    if (tasks_.size() >= options_.max_waiting) {
      return fail(ErrorCode::resource_exhausted, "too much work waits for the " + options_.name + " threads (" +
                                                     std::to_string(options_.max_waiting) + " tasks); try again");
    }
    tasks_.push_back(std::move(task));
  }
  changed_.notify_one();
  return {};
}

void TaskPool::run_thread(int index) {
  const std::string name = (options_.name + "-" + std::to_string(index)).substr(0, 15);
  pthread_setname_np(pthread_self(), name.c_str());
  for (;;) {
    std::function<void()> task;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
      if (stopping_) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

}  // namespace vivid::daemon
