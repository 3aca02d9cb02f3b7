#include "daemon/vividctl/profile.h"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace vivid::ctl {
namespace {

// Two stages; in the second two steps that overlap, and one with a step inside.
Profile example() {
  const Json answer = Json::parse(R"({
    "job": "3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a01", "total_seconds": 20,
    "stages": [
      {"stage": "audio_synthesis", "attempt": 1, "queued_seconds": 1, "start_seconds": 1, "seconds": 4,
       "outcome": "completed", "steps": [{"name": "speak", "start_seconds": 0, "seconds": 4}]},
      {"stage": "video_generation", "attempt": 2, "queued_seconds": 3, "start_seconds": 8, "seconds": 12,
       "outcome": "silence", "steps": [
         {"name": "compose", "start_seconds": 0, "seconds": 8, "steps": [{"name": "raster", "start_seconds": 1, "seconds": 2}]},
         {"name": "encode", "start_seconds": 2, "seconds": 10}]}]})");
  return parse_profile(answer);
}

TEST(Profile, DrawsStagesAndStepsWhereTheirTimeWas) {
  Terminal terminal;
  terminal.columns = 66;
  EXPECT_EQ(render_profile(example(), terminal),
            "Job 3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a01  20s in all\n\n"
            "STAGE                         TIME  SHARE\n"
            "audio_synthesis                 4s    20%  ┄━━━━━\n"
            "└ speak                         4s    20%   ━━━━━\n"
            "video_generation #2, silence   12s    60%        ┄┄┄━━━━━━━━━━━━━━\n"
            "├ compose                       8s    40%           ━━━━━━━━━\n"
            "│ └ raster                      2s    10%            ━━━\n"
            "└ encode                       10s    50%              ━━━━━━━━━━━\n\n"
            "16s working, 4s waiting for a free lane\n");
}

TEST(Profile, HoldsAgainstAnswersThatMakeNoSense) {
  Terminal terminal;
  terminal.columns = 80;
  for (const char* text : {"{}", "[]", R"({"stages": [1, {"seconds": -5, "start_seconds": 1e300, "steps": [null]}]})",
                           R"({"total_seconds": "x", "stages": {}})"}) {
    const Profile profile = parse_profile(Json::parse(text));
    EXPECT_FALSE(render_profile(profile, terminal).empty()) << text;
    EXPECT_TRUE(Json::parse(to_trace_events(profile)).contains("traceEvents")) << text;
  }
}

// The rules of the Trace Event Format (JSON object form) that viewers rely on.
TEST(Trace, FollowsTheTraceEventFormat) {
  const Json trace = Json::parse(to_trace_events(example()));
  EXPECT_EQ(trace["displayTimeUnit"], "ms");
  std::map<int, std::vector<std::pair<long, long>>> threads;
  std::set<int> named;
  for (const Json& event : trace["traceEvents"]) {
    ASSERT_TRUE(event["name"].is_string() && event["pid"].is_number_integer() && event["tid"].is_number_integer());
    if (event["ph"] == "M") {
      EXPECT_TRUE(event["name"] == "process_name" || event["name"] == "thread_name");
      EXPECT_TRUE(event["args"]["name"].is_string());
      if (event["name"] == "thread_name") named.insert(event["tid"].get<int>());
      continue;
    }
    ASSERT_EQ(event["ph"], "X");
    ASSERT_TRUE(event["ts"].is_number_integer() && event["dur"].is_number_integer() && event["cat"].is_string());
    EXPECT_GE(event["ts"].get<long>(), 0);
    EXPECT_GE(event["dur"].get<long>(), 0);
    threads[event["tid"]].emplace_back(event["ts"], event["ts"].get<long>() + event["dur"].get<long>());
  }
  for (const auto& [thread, spans] : threads) {
    EXPECT_TRUE(named.contains(thread)) << thread;
    for (const auto& [begin, end] : spans) {
      for (const auto& [other_begin, other_end] : spans) {
        const bool apart = end <= other_begin || other_end <= begin;
        const bool nested = (begin <= other_begin && other_end <= end) || (other_begin <= begin && end <= other_end);
        EXPECT_TRUE(apart || nested) << "thread " << thread;
      }
    }
  }
  EXPECT_EQ(threads.size(), 3) << "waiting, stages, and a thread for the step that overlaps";
}

TEST(Trace, TimesAreMicrosecondsFromTheCreationOfTheJob) {
  const Json trace = Json::parse(to_trace_events(example()));
  for (const Json& event : trace["traceEvents"]) {
    if (event["name"] != "raster") continue;
    EXPECT_EQ(event["ts"], 9'000'000);
    EXPECT_EQ(event["dur"], 2'000'000);
    return;
  }
  FAIL() << "the inner step is missing";
}

}  // namespace
}  // namespace vivid::ctl
