// The typed configuration of vividd: what every option is, its default and its unit. The annotated default file,
// config/vividd.yaml, says the same to the operator; a test holds the two together.
//
// Precedence: defaults < file < environment (VIVIDD_QUEUE_PATH for queue.path …).
//
// Threads: values. Errors: invalid_input with every problem of the file at once, one a line: file:line: key: what is
// wrong and what is allowed.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace vivid::config {

struct Host {
  std::string name;                 // empty: the machine's host name; the node's id in a fleet
  std::string environment = "dev";  // dev, staging, prod: requests of another environment are refused
};

struct Paths {
  // Spool, queue and local object store live below it unless they say otherwise.
  std::filesystem::path state_directory = "/var/lib/vividd";
  std::filesystem::path spool;   // default: state_directory/spool
  std::filesystem::path assets;  // default: state_directory/assets; scripts may name files below it
  std::filesystem::path worker;  // vivid-render; default: beside vividd
};

struct Queue {
  std::filesystem::path path;  // default: state_directory/queue.db
  int max_crashes = 3;
  std::chrono::milliseconds priority_step{60'000};
  std::chrono::milliseconds retry_initial{2'000};
  std::chrono::milliseconds retry_maximum{300'000};
  std::chrono::milliseconds keep_finished{std::chrono::hours(24 * 7)};
  std::chrono::milliseconds keep_dead{std::chrono::hours(24 * 30)};
  std::int64_t max_waiting_jobs = 1'000'000;  // beyond it submissions are refused
};

struct StageLimit {
  std::chrono::milliseconds start_to_close{60'000};
  std::chrono::milliseconds silence{30'000};
  int max_attempts = 3;
};

struct Stages {
  std::chrono::milliseconds whole_request{815'000};
  StageLimit validation{std::chrono::seconds(30), std::chrono::seconds(30), 3};
  StageLimit script_generation{std::chrono::seconds(120), std::chrono::seconds(120), 3};
  StageLimit audio_synthesis{std::chrono::seconds(60), std::chrono::seconds(20), 3};
  StageLimit image_generation{std::chrono::seconds(60), std::chrono::seconds(30), 3};
  StageLimit video_generation{std::chrono::seconds(600), std::chrono::seconds(30), 3};
  StageLimit format_conversion{std::chrono::seconds(120), std::chrono::seconds(30), 3};
  StageLimit video_processing{std::chrono::seconds(120), std::chrono::seconds(60), 5};
  StageLimit notification{std::chrono::seconds(30), std::chrono::seconds(30), 3};
};

struct Lanes {
  int render = 1;  // video_generation at once
  int cpu = 1;     // other worker stages at once
  int net = 4;     // uploads and notifications at once
};

struct Workers {
  int max_jobs = 100;                           // stages a worker runs before it is replaced
  std::uint64_t max_memory_bytes = 4ULL << 30;  // resident; over it the worker is replaced after its stage
  std::chrono::milliseconds max_age{std::chrono::hours(6)};
  std::chrono::milliseconds grace{5'000};  // between SIGTERM and SIGKILL
};

struct Equations {
  std::string command = "node";   // Node.js; empty: equations are shown as text
  std::filesystem::path package;  // empty: the one that comes with the renderer
  std::filesystem::path cache;    // default: state_directory/cache/equations
  std::chrono::milliseconds time_limit{10'000};
};

struct SpanCache {
  bool enabled = true;
  std::uint64_t max_bytes = 8ULL << 30;
  std::filesystem::path directory;  // default: state_directory/cache/spans
};

struct Render {
  std::string encoder = "auto";
  std::string hardware = "if_possible";  // required, if_possible, never
  int width_px = 1920;
  int height_px = 1080;
  int frames_per_second = 30;
  std::string preset = "veryfast";
  int crf = 20;
  int keyframe_seconds = 5;
  bool hold_still_frames = true;
  int encoder_threads = 2;
  int parallel_spans = 0;  // 0: as many as is fastest in the memory that one encoder takes
  SpanCache span_cache;
  std::string speech = "espeak";  // espeak, none
  int words_per_minute = 165;
  std::string watermark;
  bool progress_line = false;
  std::string music;
  Equations equations;
};

// NVIDIA's encoders: how they encode, and how much of them is used at once.
struct Gpu {
  std::string preset = "p5";
  int quality = 0;                         // 1 (best) to 51; 0: as render.crf
  std::int64_t max_bit_rate = 12'000'000;  // a second
  int aq_strength = 8;                     // 0: off
  int look_ahead = 16;                     // pictures; 0: none
  int sessions = 0;                        // on one GPU; 0: as many as the probe could open
  int system_sessions = 0;                 // on all together; 0: as the probe found
  std::chrono::milliseconds session_wait{30'000};
  std::chrono::milliseconds start_interval{100};
  int breaker_failures = 3;  // in a row
  std::chrono::milliseconds breaker_rest{30'000};
  std::chrono::milliseconds watch_interval{10'000};  // 0: gauges are not read
  std::chrono::milliseconds probe_limit{60'000};
};

// What is made of every lesson besides video.mp4, narration.m4a, captions.vtt, thumbnail.jpg and text.md; a request may
// ask for more.
struct Formats {
  bool srt = true;
  bool poster = true;
  bool thumbnails = true;
  bool sprite = false;
  bool mp3 = false;
  bool ladder = false;
  bool hls = false;
  bool webm = false;
};

struct Storage {
  std::string url;                  // gs://BUCKET[/PREFIX] or file:///FOLDER; empty: `directory`
  std::filesystem::path directory;  // default: state_directory/objects; buckets are its folders
  std::string bucket = "vivid-media";
  std::string endpoint;  // empty: Google's
  std::filesystem::path ca_file;
  std::string cache_control = "private, max-age=3600";
  std::uint64_t chunk_bytes = 32ULL << 20;
  std::uint64_t bandwidth_bytes = 0;  // a second, all uploads together; 0: no limit
  int parallel = 4;                   // files of one request at once
  std::chrono::milliseconds patience{60'000};
};

// Google's cloud, whichever of its services.
struct Google {
  std::filesystem::path credentials;  // empty: found as Google's own programs find them
};

struct Notify {
  std::vector<std::string> command;  // run with the result as JSON on standard input; empty: nothing
};

struct Admission {
  std::uint64_t min_free_bytes = 1ULL << 30;  // below it on the spool's disk no job is admitted and none is started
};

struct Control {
  std::filesystem::path socket;  // default: state_directory/control.sock
  int mode = 0660;
  std::string group;  // empty: the daemon's own
  std::uint64_t max_request_bytes = 4ULL << 20;
  int max_connections = 64;
  int max_requests_per_second = 1000;  // of one connection
};

struct Http {
  bool enabled = true;
  std::string address = "127.0.0.1";
  int port = 9464;  // 0: a free one, written to the log
};

struct Log {
  std::string level = "info";   // debug, info, warning, error
  std::string format = "auto";  // auto (human on a terminal, else JSON), human, json
};

struct Shutdown {
  std::chrono::milliseconds drain_limit{30'000};  // SIGTERM: stages in flight may end; then they are given back
};

struct Cost {
  double text_request_usd = 0.017;
  double video_request_usd = 0.20;
};

// The database that a fleet of hosts shares.
struct Central {
  std::string database;  // libpq URI or keywords; empty: none
  std::chrono::milliseconds lease{60'000};
  std::chrono::milliseconds renew_interval{20'000};
  std::chrono::milliseconds poll_minimum{5'000};
  std::chrono::milliseconds poll_maximum{15'000};
  int max_crashes = 3;
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds statement_timeout{15'000};
  int text_batch = 500;
  std::int64_t max_undelivered = 10'000;  // outbox rows beyond which nothing is claimed
  int jobs_ahead = 2;                     // media requests taken beyond what the render and cpu lanes work on
};

// Dollars as decimal text, at most 12 digits after the point: never rounded on their way into the database.
struct Prices {
  std::string script_usd = "0.017";
  std::string speech_character_usd = "0.000016";
  std::string gpu_second_usd = "0.003";
  std::string cpu_second_usd = "0.0001";
  std::string stored_byte_usd = "0.00000000002";
};

struct Config {
  Host host;
  Paths paths;
  Queue queue;
  Stages stages;
  Lanes lanes;
  Workers workers;
  Render render;
  Gpu gpu;
  Formats formats;
  Storage storage;
  Google google;
  Notify notify;
  Admission admission;
  Control control;
  Http http;
  Log log;
  Shutdown shutdown;
  Cost cost;
  Central central;
  Prices prices;
};

// Looks an environment variable up; from outside so that tests hand in their own.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment process_environment();
// The names of the variables that are set.
std::vector<std::string> process_variables();

// Without a path: defaults and environment alone. Relative paths are of the configuration file's folder; empty path
// defaults (spool, queue.path …) are filled in. Of `variables`, the names that are set, one that begins like an
// option's but is none is a mistake.
Result<Config> load(const std::optional<std::filesystem::path>& file, const Environment& environment,
                    const std::vector<std::string>& variables = {});
// The same for text already read; `name` stands for the file in messages.
Result<Config> load_text(std::string_view yaml, const std::string& name, const Environment& environment,
                         const std::vector<std::string>& variables = {});

// The annotated default file, as installed.
std::string_view default_yaml();
// The effective configuration as YAML, for `vividd --check-config`.
std::string to_yaml(const Config& config);
// Keys whose values differ, in the order of the annotated file: what a reload says it changed.
std::vector<std::string> changed_keys(const Config& before, const Config& after);

}  // namespace vivid::config
