// What vividd and its workers say to each other: one JSON object a line over a socket pair (the worker's descriptor 3).
//
//   worker ▶ hello                 once, when it is ready
//   vividd ▶ task                  one at a time
//   worker ▶ progress …            at most a few a second; silence longer than the limit gets the worker killed
//   worker ▶ result | failure      ends the task
//   vividd ▶ (closes the socket)   the worker ends
//
// Threads: pure functions over values. Errors: invalid_input for a line that is not of this form.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "render/protocol/options.h"

namespace vivid::render {

// A line longer than this is a broken peer.
inline constexpr std::size_t kMaxMessageBytes = 8 * 1024 * 1024;
inline constexpr int kWorkerSocketFd = 3;

// The stages a worker knows.
inline constexpr std::string_view kStageAudioSynthesis = "audio_synthesis";
inline constexpr std::string_view kStageImageGeneration = "image_generation";
inline constexpr std::string_view kStageVideoGeneration = "video_generation";
inline constexpr std::string_view kStageFormatConversion = "format_conversion";

struct Hello {
  std::int32_t pid = 0;
  std::string version;
  std::vector<std::string> encoders;  // those a session could be opened for
};

struct Task {
  std::string job;
  std::string correlation_id;
  std::string stage;
  int attempt = 1;
  // Holds storyboard.json or script input and the files of earlier stages; results go here too.
  std::filesystem::path work_directory;
  // The request's script or storyboard, as JSON text.
  std::string input;
  RenderOptions options;
};

struct Progress {
  double fraction = 0.0;  // of this stage, 0 … 1
  std::string step;       // layout, encode …
  std::int64_t frames_done = 0;
  std::int64_t frames_total = 0;
  double frames_per_second = 0.0;
};

// Where a stage's time went.
struct Step {
  std::string name;
  std::chrono::microseconds start{0};  // since the stage began
  std::chrono::microseconds duration{0};
};

struct ProducedFile {
  std::string name;  // relative to the work directory, and inside it
  std::string content_type;
  std::uint64_t size_bytes = 0;
  std::string sha256;  // hex
  std::string crc32c;  // base64
};

// Of the finished sound, as ITU-R BS.1770-4 measures it; before: as it was spoken, with its music.
struct SoundLevels {
  double loudness_before_lufs = 0.0;
  double loudness_lufs = 0.0;
  double true_peak_before_dbtp = 0.0;
  double true_peak_dbtp = 0.0;
  double gain_db = 0.0;
};

// What was encoded before and need not be again: spans of videos, sound. Bytes are of what was read and kept.
struct ReuseCounts {
  std::int64_t hits = 0;
  std::int64_t misses = 0;
  std::int64_t bytes_read = 0;
  std::int64_t bytes_written = 0;
  std::int64_t evicted = 0;
  std::int64_t corrupt = 0;
  std::int64_t refused = 0;  // what could not be kept: disk full, over the limit
};

struct StageResult {
  std::vector<ProducedFile> files;
  std::vector<Step> steps;
  std::vector<std::string> warnings;
  std::string encoder;          // video_generation only
  std::string fallback_reason;  // why not the encoder first asked for; empty: no fallback
  // Why every frame was encoded although frames that only repeat the one before need not be; empty: none of those was.
  std::string hold_problem;
  double media_seconds = 0.0;
  std::int64_t frames = 0;
  std::int64_t frames_encoded = 0;   // the others repeat the one before
  std::optional<ReuseCounts> reuse;  // none: nothing is kept here
  std::int64_t characters_spoken = 0;
  std::optional<SoundLevels> sound;  // audio_synthesis only; none: nothing is to be heard
  double cpu_seconds = 0.0;          // of the whole stage: every thread of the worker, and what it ran
  double gpu_seconds = 0.0;          // wall time for which a GPU was held; 0 with software only
  std::string title;                 // the lesson's
  std::string language;              // BCP 47: what audio_synthesis spoke; of other stages what the text is in
};

struct Failure {
  Error error;
  std::vector<Step> steps;
};

using WorkerMessage = std::variant<Hello, Progress, StageResult, Failure>;

// One line, without its newline: the sender adds it; a reader may leave it on.
std::string encode(const Task& task);
std::string encode(const WorkerMessage& message);
Result<Task> decode_task(std::string_view line);
Result<WorkerMessage> decode_worker_message(std::string_view line);

// The stage result as vividd keeps it in the queue, and back: the same JSON as on the wire.
std::string to_json(const StageResult& result);
Result<StageResult> stage_result_from_json(std::string_view text);

}  // namespace vivid::render
