#include "daemon/pipeline/admission.h"

#include "base/files.h"
#include "base/log.h"
#include "base/units.h"

namespace vivid::daemon {

Admission::Admission(uv_loop_t* loop, TaskPool& pool, Options options, std::function<std::optional<Error>()> suspended,
                     std::function<void()> on_change)
    : pool_(pool),
      options_(std::move(options)),
      suspended_(std::move(suspended)),
      on_change_(std::move(on_change)),
      timer_(loop) {}

void Admission::start() {
  decide(free_bytes(options_.directory), suspended_());
  timer_.every(options_.interval, [this] { look(); });
}

void Admission::look() {
  // A disk that does not answer must not fill the pool with questions.
  if (looking_) return;
  struct Seen {
    Result<std::uint64_t> free;
    std::optional<Error> suspended;
  };
  const Status asked = pool_.submit(
      [directory = options_.directory, suspended = suspended_] {
        return Seen{free_bytes(directory), suspended()};
      },
      [this](Seen seen) {
        looking_ = false;
        decide(seen.free, std::move(seen.suspended));
      });
  looking_ = asked.has_value();
}

void Admission::decide(const Result<std::uint64_t>& free, std::optional<Error> suspended) {
  std::optional<Error> closed = std::move(suspended);
  if (free) free_bytes_ = *free;
  if (!closed && !free) closed = free.error();
  if (!closed && free_bytes_ < options_.min_free_bytes) {
    closed =
        Error{ErrorCode::disk_full, "the disk of " + options_.directory.string() + " has " + format_size(free_bytes_) +
                                        " free, admission.min_free asks for " + format_size(options_.min_free_bytes)};
  }
  const bool changed = closed.has_value() != closed_.has_value();
  closed_ = std::move(closed);
  if (!changed) return;
  if (closed_) {
    log::error("admission closed", {{"reason", closed_->describe()}});
  } else {
    log::info("admission open", {{"disk_free", format_size(free_bytes_)}});
  }
  on_change_();
}

}  // namespace vivid::daemon
