#include "tests/unit/config/reference.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <variant>
#include <vector>

#include "config/option.h"

namespace vivid::config {
namespace {

std::string read_source(const std::string& file) {
  std::ifstream stream(std::string(VIVID_SOURCE_DIR) + "/" + file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

// Equal to the file of the source tree. VIVID_UPDATE_REFERENCE=1 writes the file instead.
void expect_same_as_file(const std::string& text, const std::string& file) {
  if (std::getenv("VIVID_UPDATE_REFERENCE") != nullptr) {
    std::ofstream(std::string(VIVID_SOURCE_DIR) + "/" + file, std::ios::binary) << text;
  }
  EXPECT_EQ(read_source(file), text) << file << " is not what the table says; run VIVID_UPDATE_REFERENCE=1 config_test";
}

TEST(Reference, AnnotatedFileSaysWhatTheTableSays) {
  expect_same_as_file(render_annotated_yaml(), "config/vividd.yaml");
}

TEST(Reference, PageSaysWhatTheTableSays) { expect_same_as_file(render_reference_page(), "docs/configuration.md"); }

TEST(Reference, EmbeddedFileIsTheOneInTheTree) {
  expect_same_as_file(std::string(default_yaml()), "config/vividd.yaml");
}

TEST(Reference, EveryOptionHasOneSentenceAndItsOwnVariable) {
  std::set<std::string> variables;
  for (const Option& option : options()) {
    EXPECT_FALSE(option.doc.empty()) << option.key;
    EXPECT_EQ(option.doc.back(), '.') << option.key;
    EXPECT_TRUE(variables.insert(environment_name(option)).second) << environment_name(option);
  }
  EXPECT_TRUE(variables.contains("VIVIDD_STAGES_VIDEO_GENERATION_SILENCE"));
}

class Members {
 public:
  template <typename... Member>
  void add(const Member&... member) {
    (all_.push_back(&member), ...);
  }
  void add_stage(const StageLimit& stage) {
    const auto& [start_to_close, silence, max_attempts] = stage;
    add(start_to_close, silence, max_attempts);
  }
  const std::vector<const void*>& all() const { return all_; }

 private:
  std::vector<const void*> all_;
};

// A member added to a struct stops its line in these two from compiling.
void add_work(const Config& config, Members& members) {
  const auto& [path, max_crashes, priority_step, initial, maximum, finished, dead, waiting] = config.queue;
  members.add(path, max_crashes, priority_step, initial, maximum, finished, dead, waiting);
  const auto& [whole, validation, script, audio, image, video, format, processing, notification] = config.stages;
  members.add(whole);
  for (const StageLimit* stage : {&validation, &script, &audio, &image, &video, &format, &processing, &notification}) {
    members.add_stage(*stage);
  }
  const auto& [render, cpu, net] = config.lanes;
  members.add(render, cpu, net);
  const auto& [jobs, memory, age, grace] = config.workers;
  members.add(jobs, memory, age, grace);
  const auto& [encoder, hardware, width, height, fps, preset, crf, keyframes, hold, threads, parallel_spans, span_cache,
               speech, wpm, watermark, progress, music, equations] = config.render;
  members.add(encoder, hardware, width, height, fps, preset, crf, keyframes, hold, threads, parallel_spans, speech, wpm,
              watermark, progress, music);
  members.add(span_cache.enabled, span_cache.max_bytes, span_cache.directory);
  members.add(equations.command, equations.package, equations.cache, equations.time_limit);
  const auto& [srt, poster, thumbnails, sprite, mp3, ladder, hls, webm] = config.formats;
  members.add(srt, poster, thumbnails, sprite, mp3, ladder, hls, webm);
}

void add_surroundings(const Config& config, Members& members) {
  const auto& [host, paths, queue, stages, lanes, workers, render, gpu, formats, storage, google, notify, admission,
               control, http, log, shutdown, cost, central, prices] = config;
  const auto& [name, environment] = host;
  const auto& [state, spool, assets, worker] = paths;
  const auto& [url, directory, bucket, endpoint, ca_file, cache_control, chunk, bandwidth, parallel, patience] =
      storage;
  members.add(url, endpoint, ca_file, cache_control, chunk, bandwidth, parallel, patience);
  const auto& [credentials] = google;
  members.add(credentials);
  const auto& [command] = notify;
  const auto& [min_free] = admission;
  members.add(name, environment, state, spool, assets, worker, directory, bucket, command, min_free);
  const auto& [socket, mode, group, max_request, connections, requests] = control;
  members.add(socket, mode, group, max_request, connections, requests);
  const auto& [enabled, address, port] = http;
  const auto& [level, format] = log;
  const auto& [drain_limit] = shutdown;
  const auto& [text, video] = cost;
  members.add(enabled, address, port, level, format, drain_limit, text, video);
  const auto& [preset, quality, bit_rate, aq, look_ahead, sessions, system_sessions, wait, start_interval, failures,
               rest, watch, limit] = gpu;
  members.add(preset, quality, bit_rate, aq, look_ahead, sessions, system_sessions, wait, start_interval, failures,
              rest, watch, limit);
}

void add_fleet(const Config& config, Members& members) {
  const auto& [database, lease, renew, poll_minimum, poll_maximum, max_crashes, connect, statement, batch, undelivered,
               ahead] = config.central;
  members.add(database, lease, renew, poll_minimum, poll_maximum, max_crashes, connect, statement, batch, undelivered,
              ahead);
  const auto& [script, character, gpu, cpu, byte] = config.prices;
  members.add(script, character, gpu, cpu, byte);
}

// A member that the table forgot would keep its default for ever.
TEST(Reference, EveryMemberIsInTheTable) {
  Config config;
  std::set<const void*> places;
  for (const Option& option : options()) {
    places.insert(std::visit([](auto* place) { return static_cast<const void*>(place); }, option.target(config)));
  }
  Members members;
  add_work(config, members);
  add_surroundings(config, members);
  add_fleet(config, members);
  EXPECT_EQ(std::set<const void*>(members.all().begin(), members.all().end()), places);
  EXPECT_EQ(members.all().size(), options().size());
}

}  // namespace
}  // namespace vivid::config
