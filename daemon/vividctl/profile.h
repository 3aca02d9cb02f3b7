// Where a job's time went: stages in the order they ran, each with its wait and its steps; as a tree for people, and as
// a trace that Perfetto and chrome://tracing open.
//
// Threads: pure functions. Units: seconds from the creation of the job.
#pragma once

#include <string>
#include <vector>

#include "daemon/vividctl/json.h"
#include "daemon/vividctl/terminal.h"

namespace vivid::ctl {

struct ProfileStep {
  std::string name;
  double start_seconds = 0.0;
  double seconds = 0.0;
  std::vector<ProfileStep> steps;
};

struct ProfileStage {
  std::string stage;
  std::int64_t attempt = 1;
  std::string outcome;
  double queued_seconds = 0.0;  // ready, but no lane was free
  double start_seconds = 0.0;
  double seconds = 0.0;
  std::vector<ProfileStep> steps;
};

struct Profile {
  std::string job;
  double total_seconds = 0.0;
  std::vector<ProfileStage> stages;
};

// Of a job.profile answer; spans that are no numbers count as nothing.
Profile parse_profile(const Json& answer);
// The tree: time, share of the whole, and a bar that stands where the time was spent.
std::string render_profile(const Profile& profile, const Terminal& terminal);
// Trace Event Format, JSON object form: complete events ("ph": "X") in microseconds, named processes and threads.
// Events of one thread nest or follow each other; steps that overlap get threads of their own.
std::string to_trace_events(const Profile& profile);

}  // namespace vivid::ctl
