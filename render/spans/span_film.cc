#include "render/spans/span_film.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "base/check.h"
#include "render/hold/hold_plan.h"
#include "render/spans/span_joint.h"
#include "render/spans/span_key.h"

namespace vivid::render {
namespace {

using std::chrono::microseconds;

// How often whoever waits looks whether it is to stop.
constexpr std::chrono::milliseconds kLook{50};

// A span on its way.
struct Job {
  Span span;
  std::string key;  // empty: it is not kept
  int threads = 1;
  std::int64_t memory_bytes = 0;
  std::thread thread;  // none: it was there already
  // Set under the crew's mutex.
  bool done = false;
  Result<EncodedSpan> outcome = EncodedSpan{};
  std::string hold_problem;
};

class Crew {
 public:
  Crew(const SpanFilmTask& task, std::vector<std::uint8_t> headers, SpanFilmed& filmed)
      : task_(task), headers_(headers), joint_(std::move(headers)), filmed_(filmed) {
    const std::int64_t gap = std::int64_t{task.options.keyframe_seconds} * task.options.frames_per_second;
    spans_ = plan_spans(shown_pictures(task.composer), SpanRules{std::max(gap, kShortestGap)});
    filmed_.spans = static_cast<std::int64_t>(spans_.size());
  }

  ~Crew() {
    progress_.stop = true;
    for (const auto& job : jobs_) {
      if (job->thread.joinable()) job->thread.join();
    }
  }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  Status run(const PacketSink& sink) {
    while (next_ < spans_.size() || !jobs_.empty()) {
      if (task_.cancelled()) {
        return fail(ErrorCode::cancelled, "stopped after " + std::to_string(frames_done()) + " frames");
      }
      VIVID_TRY(start_jobs());
      VIVID_CHECK(!jobs_.empty());
      if (wait_for_first()) VIVID_TRY(hand_over(sink));
      task_.report(frames_done());
    }
    divide_time();
    return {};
  }

 private:
  static constexpr std::int64_t kShortestGap = HoldPlanner::kShortestGap;

  std::int64_t frames_done() const { return reused_frames_ + progress_.frames.load(std::memory_order_relaxed); }
  std::size_t window() const { return 2 * static_cast<std::size_t>(task_.budget.spans) + 2; }

  Status start_jobs() {
    while (next_ < spans_.size() && jobs_.size() < window()) {
      if (!candidate_) VIVID_TRY(look_up());
      if (!candidate_->done && !has_room(*candidate_)) return {};
      if (!candidate_->done) VIVID_TRY(start(*candidate_));
      jobs_.push_back(std::move(candidate_));
      ++next_;
    }
    return {};
  }

  // What is known of the next span.
  Status look_up() {
    const SteadyTime began = task_.clock.steady_now();
    auto job = std::make_unique<Job>();
    job->span = spans_[next_];
    job->threads = span_threads(job->span, task_.options);
    job->memory_bytes = span_memory_bytes(job->span, task_.options);
    if (task_.cache != nullptr) {
      VIVID_ASSIGN(const std::string frames, task_.composer.digest(job->span.first, job->span.end));
      auto key = span_key({frames, job->span, std::string(task_.encoder.name()), options_of(*job), headers_});
      if (key.has_value()) find(std::move(*key), *job);
    }
    candidate_ = std::move(job);
    filmed_.looking += since(began);
    return {};
  }

  void find(std::string key, Job& job) {
    job.key = std::move(key);
    const auto content = task_.cache->get(job.key);
    if (!content) return;
    auto span = parse_span(*content);
    const bool is_right = span.has_value() && span->frames == job.span.frames() && joint_.fits(*span);
    if (!is_right) {
      task_.cache->discard(job.key);
      return;
    }
    job.outcome = std::move(*span);
    job.done = true;
    reused_frames_ += job.span.frames();
    ++filmed_.reused;
  }

  RenderOptions options_of(const Job& job) const {
    RenderOptions options = task_.options;
    options.encoder_threads = job.threads;
    return options;
  }

  bool has_room(const Job& candidate) {
    const std::lock_guard lock(mutex_);
    int running = 0;
    std::int64_t memory = candidate.memory_bytes;
    for (const auto& job : jobs_) {
      if (job->done) continue;
      ++running;
      memory += job->memory_bytes;
    }
    if (running == 0) return true;
    return running < task_.budget.spans && (task_.budget.memory_bytes == 0 || memory <= task_.budget.memory_bytes);
  }

  Status start(Job& job) {
    int running = 1;
    {
      const std::lock_guard lock(mutex_);
      for (const auto& other : jobs_) running += other->done ? 0 : 1;
    }
    filmed_.side_by_side = std::max(filmed_.side_by_side, running);
    try {
      job.thread = std::thread([this, &job] { work(job); });
    } catch (const std::system_error& refused) {
      return fail(ErrorCode::resource_exhausted, std::string("no thread to encode with: ") + refused.what());
    }
    return {};
  }

  // On a thread of its own.
  void work(Job& job) noexcept {
    std::string hold_problem;
    Result<EncodedSpan> outcome = encode(job, hold_problem);
    if (outcome.has_value() && !job.key.empty()) {
      const std::string kept = serialise(*outcome);
      task_.cache->put(job.key, std::as_bytes(std::span(kept)));
    }
    const std::lock_guard lock(mutex_);
    job.outcome = std::move(outcome);
    job.hold_problem = std::move(hold_problem);
    job.done = true;
    ++finished_;
    changed_.notify_all();
  }

  Result<EncodedSpan> encode(const Job& job, std::string& hold_problem) {
    VIVID_ASSIGN(const auto encoder, open(job));
    std::unique_ptr<Composer> reader = take_reader();
    auto encoded = encode_span(job.span, *reader, *encoder, task_.clock, progress_);
    hold_problem = encoder->hold_problem();
    const std::lock_guard lock(mutex_);
    readers_.push_back(std::move(reader));
    return encoded;
  }

  // One after the other: x264 fills tables that all of its encoders share.
  Result<std::unique_ptr<VideoEncoder>> open(const Job& job) {
    const std::lock_guard lock(opening_);
    return VideoEncoder::open(task_.encoder.name(), options_of(job));
  }

  std::unique_ptr<Composer> take_reader() {
    const std::lock_guard lock(mutex_);
    if (readers_.empty()) return task_.composer.fork();
    auto reader = std::move(readers_.back());
    readers_.pop_back();
    return reader;
  }

  // Whether the span that is due is done; not: some time has passed, or there is room for another one.
  bool wait_for_first() {
    const SteadyTime began = task_.clock.steady_now();
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kLook, [this] { return jobs_.front()->done || finished_ != seen_finished_; });
    seen_finished_ = finished_;
    waited_ += since(began);
    return jobs_.front()->done;
  }

  Status hand_over(const PacketSink& sink) {
    const std::unique_ptr<Job> job = std::move(jobs_.front());
    jobs_.pop_front();
    if (job->thread.joinable()) job->thread.join();
    filmed_.hold_problem = job->hold_problem;
    VIVID_TRY(job->outcome);
    filmed_.pictures += job->outcome->pictures;
    // What the sink says is not the joint's fault.
    bool sink_failed = false;
    const Status given = joint_.give(*job->outcome, [&](AVPacket& packet) {
      Status status = sink(packet);
      sink_failed = !status.has_value();
      return status;
    });
    if (!given.has_value() && !sink_failed) filmed_.joint_problem = given.error().message;
    return given;
  }

  microseconds since(SteadyTime began) const {
    return std::chrono::duration_cast<microseconds>(task_.clock.steady_now() - began);
  }

  void divide_time() {
    const double composing = static_cast<double>(progress_.compose_us);
    const double encoding = static_cast<double>(progress_.encode_us);
    const double share = composing + encoding > 0 ? composing / (composing + encoding) : 0.0;
    filmed_.composing = microseconds(static_cast<std::int64_t>(static_cast<double>(waited_.count()) * share));
    filmed_.encoding = waited_ - filmed_.composing;
  }

  const SpanFilmTask& task_;
  std::vector<std::uint8_t> headers_;
  SpanJoint joint_;
  SpanFilmed& filmed_;
  std::vector<Span> spans_;
  std::size_t next_ = 0;
  std::unique_ptr<Job> candidate_;         // the next span, looked up
  std::deque<std::unique_ptr<Job>> jobs_;  // in the order of the video
  std::int64_t reused_frames_ = 0;
  microseconds waited_{0};
  SpanProgress progress_;
  std::mutex opening_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::int64_t finished_ = 0;                       // jobs that threads have done
  std::int64_t seen_finished_ = 0;                  // of them, when the caller looked last
  std::vector<std::unique_ptr<Composer>> readers_;  // idle ones
};

}  // namespace

bool films_in_spans(const VideoEncoder& encoder, const RenderOptions& options) {
  const EncoderKind* kind = find_encoder(encoder.name());
  return kind != nullptr && !kind->hardware && options.hold_still_frames && encoder.hold_problem().empty();
}

Status film_in_spans(const SpanFilmTask& task, const PacketSink& sink, SpanFilmed& filmed) {
  VIVID_ASSIGN(std::vector<std::uint8_t> headers, headers_of(task.encoder));
  return Crew(task, std::move(headers), filmed).run(sink);
}

}  // namespace vivid::render
