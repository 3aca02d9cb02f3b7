// How other threads speak to the event loop: they leave a function, the loop runs it soon.
//
// Threads: post() from any thread; everything else, and every posted function, on the loop's thread. Functions run in
// the order they were posted.
// Ownership: the loop must outlive the mailbox. What is still waiting when the mailbox is destroyed is dropped; posting
// to a mailbox that closed is harmless, so threads hold a Mailbox::Poster.
#pragma once

#include <uv.h>

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace vivid::daemon {

class Mailbox {
 public:
  using Letter = std::function<void()>;
  class Box;
  // A copyable door that other threads keep; it may outlive the mailbox.
  class Poster {
   public:
    void operator()(Letter letter) const;

   private:
    friend class Mailbox;
    explicit Poster(std::shared_ptr<Box> box) : box_(std::move(box)) {}
    std::shared_ptr<Box> box_;
  };

  explicit Mailbox(uv_loop_t* loop);
  ~Mailbox();
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  Poster poster() const { return Poster(box_); }
  void post(Letter letter) const { poster()(std::move(letter)); }

 private:
  std::shared_ptr<Box> box_;
};

}  // namespace vivid::daemon
