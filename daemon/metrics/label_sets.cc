#include "daemon/metrics/label_sets.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/error.h"

namespace vivid::daemon::labels {
namespace {

using std::string_view;

constexpr std::array<string_view, 8> kStages{"validation",       "script_generation", "audio_synthesis",
                                             "image_generation", "video_generation",  "format_conversion",
                                             "video_processing", "notification"};
constexpr std::array<string_view, 4> kLanes{"cpu", "intake", "net", "render"};
constexpr std::array<string_view, 6> kJobStates{"queued", "running", "completed", "failed", "quarantined", "cancelled"};
constexpr std::array<string_view, 4> kFinalStates{"completed", "failed", "quarantined", "cancelled"};
constexpr std::array<string_view, 5> kJobClasses{"video", "audio", "images", "text", "rejected"};
constexpr std::array<string_view, 4> kWorkerStates{"starting", "idle", "busy", "stopping"};
constexpr std::array<string_view, 14> kWorkerExits{
    "other_gpu", "recycled_jobs",  "recycled_memory", "recycled_age",     "idle",      "shutdown", "exited",
    "signal",    "start_to_close", "silence",         "overall_deadline", "cancelled", "protocol", "start_failed"};
constexpr std::array<string_view, 3> kEncoders{"h264_nvenc", "libx264", "none"};
constexpr std::array<string_view, 3> kTimeouts{"start_to_close", "silence", "overall_deadline"};
constexpr std::array<string_view, 22> kMethods{
    "ping",        "status",         "job.submit",   "job.list",   "job.show",    "job.wait",
    "job.cancel",  "job.retry",      "job.priority", "job.logs",   "job.profile", "watch",
    "dead.list",   "dead.requeue",   "pause",        "resume",     "drain",       "reload",
    "outbox.list", "outbox.requeue", "cache.status", "cache.clear"};
constexpr std::array<string_view, 2> kPaths{"media", "text"};
constexpr std::array<string_view, 5> kVerdicts{"applied", "duplicate", "stale", "unknown", "quarantined"};
constexpr std::array<string_view, 4> kHoldProblems{"parameters", "slice", "order", "other"};

bool is_error_code(string_view text) {
  return text == to_text(ErrorCode::internal) || error_code_from_text(text) != ErrorCode::internal;
}

}  // namespace

std::span<const string_view> stages() { return kStages; }
std::span<const string_view> lanes() { return kLanes; }
std::span<const string_view> job_states() { return kJobStates; }
std::span<const string_view> final_states() { return kFinalStates; }
std::span<const string_view> job_classes() { return kJobClasses; }
std::span<const string_view> worker_states() { return kWorkerStates; }
std::span<const string_view> worker_exits() { return kWorkerExits; }
std::span<const string_view> encoders() { return kEncoders; }
std::span<const string_view> timeouts() { return kTimeouts; }
std::span<const string_view> methods() { return kMethods; }
std::span<const string_view> submission_paths() { return kPaths; }
std::span<const string_view> verdicts() { return kVerdicts; }
std::span<const string_view> hold_problem_kinds() { return kHoldProblems; }

std::string bounded(string_view value, std::span<const string_view> allowed) {
  const bool known = std::find(allowed.begin(), allowed.end(), value) != allowed.end();
  return std::string(known ? value : "other");
}

std::string bounded_code(string_view value, std::initializer_list<string_view> more) {
  const bool known = is_error_code(value) || std::find(more.begin(), more.end(), value) != more.end();
  return std::string(known ? value : "other");
}

string_view fallback_kind(string_view reason) {
  struct Sign {
    string_view text;  // lower case
    string_view kind;
  };
  // What libavcodec's encoders and the driver say; the first that is found decides.
  static constexpr std::array<Sign, 20> kSigns{{{"openencodesessionex failed: out of memory (10)", "no_session"},
                                                {"incompatible client key (21)", "no_session"},
                                                {"encoder session", "no_session"},
                                                {"put aside", "put_aside"},
                                                {"failed on the gpu", "device_failed"},
                                                {"no encoder, as compute cards", "unsupported"},
                                                {"shows no gpu", "no_device"},
                                                {"libcuda", "no_driver"},
                                                {"libnvidia-encode", "no_driver"},
                                                {"cannot load", "no_driver"},
                                                {"driver", "no_driver"},
                                                {"no capable device", "no_device"},
                                                {"no device", "no_device"},
                                                {"no nvenc capable", "no_device"},
                                                {"out of memory", "no_memory"},
                                                {"cannot allocate", "no_memory"},
                                                {"session", "no_session"},
                                                {"not supported", "unsupported"},
                                                {"unsupported", "unsupported"},
                                                {"encoder not found", "unsupported"}}};
  std::string lower(reason);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto found = std::find_if(kSigns.begin(), kSigns.end(),
                                  [&](const Sign& sign) { return lower.find(sign.text) != std::string::npos; });
  return found == kSigns.end() ? "other" : found->kind;
}

string_view hold_problem_kind(string_view problem) {
  // How the splicer's refusals begin.
  struct Sign {
    string_view text;
    string_view kind;
  };
  static constexpr std::array<Sign, 3> kSigns{{{"the stream's parameters: ", "parameters"},
                                               {"a slice of the stream: ", "slice"},
                                               {"frames cannot be held: ", "order"}}};
  const auto found =
      std::find_if(kSigns.begin(), kSigns.end(), [&](const Sign& sign) { return problem.starts_with(sign.text); });
  return found == kSigns.end() ? "other" : found->kind;
}

}  // namespace vivid::daemon::labels
