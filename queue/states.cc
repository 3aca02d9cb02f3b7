#include "queue/states.h"

#include <array>
#include <cstdlib>

#include "base/check.h"

namespace vivid::queue {
namespace {

constexpr std::array<std::string_view, 6> kJobStates{"queued", "running",     "completed",
                                                     "failed", "quarantined", "cancelled"};
constexpr std::array<std::string_view, 7> kStageStates{"pending", "ready",  "in_progress", "completed",
                                                       "skipped", "failed", "cancelled"};
constexpr std::array<std::string_view, 6> kVerdicts{"applied", "duplicate", "stale", "unknown", "local", "quarantined"};
static_assert(static_cast<std::size_t>(JobState::cancelled) + 1 == kJobStates.size());
static_assert(static_cast<std::size_t>(StageState::cancelled) + 1 == kStageStates.size());
static_assert(static_cast<std::size_t>(Verdict::quarantined) + 1 == kVerdicts.size());

template <typename State, std::size_t Size>
State from_text(const std::array<std::string_view, Size>& texts, std::string_view text) {
  std::size_t index = 0;
  while (index < Size && texts[index] != text) ++index;
  VIVID_CHECK(index < Size);
  return static_cast<State>(index);
}

}  // namespace

std::string_view to_text(JobState state) { return kJobStates[static_cast<std::size_t>(state)]; }
std::string_view to_text(StageState state) { return kStageStates[static_cast<std::size_t>(state)]; }
std::string_view to_text(Verdict verdict) { return kVerdicts[static_cast<std::size_t>(verdict)]; }

bool is_final(JobState state) { return state != JobState::queued && state != JobState::running; }

JobState job_state_from_text(std::string_view text) { return from_text<JobState>(kJobStates, text); }
StageState stage_state_from_text(std::string_view text) { return from_text<StageState>(kStageStates, text); }

}  // namespace vivid::queue
