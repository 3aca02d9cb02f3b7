// The light path: a request for text alone is answered from a thread of its own, without queue row, worker or GPU, and
// never waits behind a video.
//
// Threads: the loop's; the work runs on the given pool, which nothing else uses.
// Errors: of the answer: already_exists when a request with this id goes another way, else those of the object store.
// Bounds: requests waiting by the pool, answers remembered by kRemembered; older ones are found in the store.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "daemon/intake/request.h"
#include "daemon/intake/script_provider.h"
#include "daemon/loop/task_pool.h"
#include "sync/storage/object_store.h"

namespace vivid::daemon {

struct TextAnswer {
  std::string uid;
  std::string correlation_id;
  WallTime created_at{};
  WallTime finished_at{};
  std::string manifest;  // JSON, as in the store
  bool created = true;   // false: this request had been answered before
};

class TextPath {
 public:
  struct Options {
    std::string bucket;
    std::filesystem::path scratch;  // files on their way to the store
  };
  struct Parts {
    const Clock& clock;
    TaskPool& pool;
    sync::ObjectStore& store;
    const ScriptProvider& scripts;
    // Whether the queue has a job of this id; called on the pool.
    std::function<Result<bool>(const std::string& uid)> is_queued;
    // Whether one is on its way into the queue; called on the loop.
    std::function<bool(const std::string& uid)> is_being_queued;
  };
  using Done = std::function<void(Result<TextAnswer>)>;
  static constexpr std::size_t kRemembered = 10'000;

  TextPath(Parts parts, Options options);

  // The same id twice, also at once, is one answer.
  void answer(const Request& request, Done done);
  // One given since the start.
  const TextAnswer* find(const std::string& uid) const;
  // Whether it has been answered since the start, or is being answered.
  bool knows(const std::string& uid) const { return find(uid) != nullptr || in_flight_.contains(uid); }
  // The newest first.
  std::vector<const TextAnswer*> recent(std::size_t limit) const;
  // Ids given since the start that begin with `prefix`, at most two.
  std::vector<std::string> find_prefix(const std::string& prefix) const;

  int waiting() const { return static_cast<int>(in_flight_.size()); }

 private:
  void finish(const std::string& uid, Result<TextAnswer> answer);

  Parts parts_;
  Options options_;
  std::map<std::string, std::vector<Done>> in_flight_;
  std::map<std::string, TextAnswer> answers_;
  std::deque<std::string> order_;  // of answers_, oldest first
};

// Removes what an earlier process left in the scratch folder. Before anybody else uses it.
Status empty_scratch(const std::filesystem::path& scratch);

// What the store says of a request: which class of result is there, text or that of a job of the queue; none: nothing.
// data_corrupt: its manifest says neither.
Result<std::optional<std::string>> stored_class(sync::ObjectStore& store, const std::string& bucket,
                                                const std::string& uid);

// Reads an answer back from the store; none: there is none. data_corrupt: there is one that cannot be read.
Result<std::optional<TextAnswer>> load_text_answer(sync::ObjectStore& store, const std::string& bucket,
                                                   const std::string& uid);

}  // namespace vivid::daemon
