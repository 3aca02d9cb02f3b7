// The table itself. Order and wording are what the operator reads in config/vividd.yaml and docs/configuration.md.
#include <arpa/inet.h>

#include <algorithm>
#include <utility>

#include "config/option.h"

namespace vivid::config {
namespace {

constexpr double kSecond = 1000.0;
constexpr double kMinute = 60.0 * kSecond;
constexpr double kHour = 60.0 * kMinute;
constexpr double kDay = 24.0 * kHour;
constexpr double kMib = 1024.0 * 1024.0;
constexpr double kGib = 1024.0 * kMib;
constexpr double kTib = 1024.0 * kGib;

using Table = std::vector<Option>;

// field(&Config::queue, &Queue::path): the place that this path of members leads to.
template <typename... Members>
std::function<Target(Config&)> field(Members... members) {
  return [=](Config& config) -> Target { return &(config.*....*members); };
}

Option plain(std::string key, std::function<Target(Config&)> target, std::string doc) {
  Option option;
  option.key = std::move(key);
  option.target = std::move(target);
  option.doc = std::move(doc);
  return option;
}

// Text, a path or a list that may be empty.
Option text(std::string key, std::function<Target(Config&)> target, std::string doc, std::string when_empty) {
  Option option = plain(std::move(key), std::move(target), std::move(doc));
  option.when_empty = std::move(when_empty);
  return option;
}

Option path_below_state(std::string key, std::function<Target(Config&)> target, std::string name, std::string doc) {
  Option option = text(std::move(key), std::move(target), std::move(doc), "state_directory/" + name);
  option.below_state = std::move(name);
  return option;
}

Option one_of(std::string key, std::function<Target(Config&)> target, std::vector<std::string> choices,
              std::string doc) {
  Option option = plain(std::move(key), std::move(target), std::move(doc));
  option.choices = std::move(choices);
  return option;
}

Option range(std::string key, std::function<Target(Config&)> target, double minimum, double maximum, std::string doc,
             std::string unit = "") {
  Option option = plain(std::move(key), std::move(target), std::move(doc));
  option.minimum = minimum;
  option.maximum = maximum;
  option.unit = std::move(unit);
  return option;
}

bool is_ipv4_address(std::string_view text) {
  in_addr address{};
  return ::inet_pton(AF_INET, std::string(text).c_str(), &address) == 1;
}

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// Cloud storage's rules for a bucket without dots, so that the folder of today can be the bucket of tomorrow.
bool is_bucket_name(std::string_view text) {
  if (text.size() < 3 || text.size() > 63) return false;
  if (!is_lower_or_digit(text.front()) || !is_lower_or_digit(text.back())) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return is_lower_or_digit(c) || c == '-' || c == '_'; });
}

// Dollars: "0.017". At most 1000, at most twelve digits after the point.
bool is_price(std::string_view text) {
  constexpr std::size_t kMaxDecimals = 12;
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view decimals = point == std::string_view::npos ? "" : text.substr(point + 1);
  const auto digits = [](std::string_view part) {
    return std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  if (whole.empty() || whole.size() > 3 || !digits(whole)) return false;
  if (point == std::string_view::npos) return true;
  return !decimals.empty() && decimals.size() <= kMaxDecimals && digits(decimals);
}

Option price(std::string key, std::string Prices::*field_of, std::string doc) {
  Option option = plain(std::move(key), field(&Config::prices, field_of), std::move(doc));
  option.accepts = is_price;
  option.grammar = "0 to 999.999999999999, at most 12 digits after the point";
  option.unit = "USD";
  option.bare = true;
  return option;
}

void add_host_and_paths(Table& table) {
  table.push_back(text("host.name", field(&Config::host, &Host::name),
                       "What this host is called in logs and results; in a fleet no two have the same name.",
                       "the machine's host name"));
  table.push_back(one_of("host.environment", field(&Config::host, &Host::environment), {"dev", "staging", "prod"},
                         "Requests that name another environment are refused."));
  table.push_back(plain("paths.state_directory", field(&Config::paths, &Paths::state_directory),
                        "Everything that must survive a restart lives below it, unless an option says otherwise."));
  table.push_back(path_below_state("paths.spool", field(&Config::paths, &Paths::spool), "spool",
                                   "The working files of jobs, one folder a job."));
  table.push_back(path_below_state("paths.assets", field(&Config::paths, &Paths::assets), "assets",
                                   "Images that scripts may name; nothing outside it can be named."));
  table.push_back(text("paths.worker", field(&Config::paths, &Paths::worker), "The program that runs media stages.",
                       "vivid-render in the folder of vividd"));
}

void add_queue(Table& table) {
  table.push_back(path_below_state("queue.path", field(&Config::queue, &Queue::path), "queue.db",
                                   "The durable queue, one SQLite file on a local disk."));
  table.push_back(range("queue.max_crashes", field(&Config::queue, &Queue::max_crashes), 1, 100,
                        "A job that ends its worker this often is quarantined.", "crashes"));
  table.push_back(range("queue.priority_step", field(&Config::queue, &Queue::priority_step), 0, kDay,
                        "A job one priority lower overtakes after waiting this much longer, so nothing starves."));
  table.push_back(range("queue.retry_initial", field(&Config::queue, &Queue::retry_initial), 1, kHour,
                        "Longest wait before the second attempt; it doubles with each further one, with full jitter."));
  table.push_back(range("queue.retry_maximum", field(&Config::queue, &Queue::retry_maximum), 1, kDay,
                        "Longest wait before any attempt; at least queue.retry_initial."));
  table.push_back(range("queue.keep_finished", field(&Config::queue, &Queue::keep_finished), 0, 3650 * kDay,
                        "Completed and cancelled jobs are forgotten after this long."));
  table.push_back(range("queue.keep_dead", field(&Config::queue, &Queue::keep_dead), 0, 3650 * kDay,
                        "Failed and quarantined jobs are forgotten after this long; until then they can be requeued."));
  table.push_back(range("queue.max_waiting_jobs", field(&Config::queue, &Queue::max_waiting_jobs), 1, 100e6,
                        "Beyond it submissions are refused.", "jobs"));
}

void add_stage(Table& table, const std::string& name, StageLimit Stages::*stage, const std::string& work) {
  const std::string prefix = "stages." + name + ".";
  table.push_back(range(prefix + "start_to_close", field(&Config::stages, stage, &StageLimit::start_to_close), 100,
                        kDay, "Longest time for one attempt at " + work + "."));
  table.push_back(range(prefix + "silence", field(&Config::stages, stage, &StageLimit::silence), 100, kDay,
                        "Longest time without progress; at most start_to_close."));
  table.push_back(range(prefix + "max_attempts", field(&Config::stages, stage, &StageLimit::max_attempts), 1, 100,
                        "Attempts before the stage has failed.", "attempts"));
}

void add_stages(Table& table) {
  table.push_back(range("stages.whole_request", field(&Config::stages, &Stages::whole_request), 1000, 7 * kDay,
                        "Longest time for a request, all attempts at all stages together."));
  add_stage(table, "validation", &Stages::validation, "checking the request");
  add_stage(table, "script_generation", &Stages::script_generation, "getting the script");
  add_stage(table, "audio_synthesis", &Stages::audio_synthesis, "speaking the narration");
  add_stage(table, "image_generation", &Stages::image_generation, "making the images");
  add_stage(table, "video_generation", &Stages::video_generation, "rendering the video");
  add_stage(table, "format_conversion", &Stages::format_conversion, "packaging the results");
  add_stage(table, "video_processing", &Stages::video_processing, "uploading the results");
  add_stage(table, "notification", &Stages::notification, "telling the hook command");
}

void add_lanes_and_workers(Table& table) {
  table.push_back(range("lanes.render", field(&Config::lanes, &Lanes::render), 1, 64,
                        "Videos rendered at once; with a GPU, no more than its encoder sessions.", "stages"));
  table.push_back(range("lanes.cpu", field(&Config::lanes, &Lanes::cpu), 1, 256,
                        "Other worker stages (speech, images, packaging) at once.", "stages"));
  table.push_back(
      range("lanes.net", field(&Config::lanes, &Lanes::net), 1, 256, "Uploads and notifications at once.", "stages"));
  table.push_back(range("workers.max_jobs", field(&Config::workers, &Workers::max_jobs), 1, 1e6,
                        "A worker process is replaced after this many stages.", "stages"));
  table.push_back(range("workers.max_memory", field(&Config::workers, &Workers::max_memory_bytes), 64 * kMib, 16 * kTib,
                        "A worker process that holds more is replaced after its stage."));
  table.push_back(range("workers.max_age", field(&Config::workers, &Workers::max_age), kSecond, 365 * kDay,
                        "A worker process older than this is replaced after its stage."));
  table.push_back(range("workers.grace", field(&Config::workers, &Workers::grace), 0, 10 * kMinute,
                        "Time between SIGTERM and SIGKILL; less than shutdown.drain_limit."));
}

void add_render(Table& table) {
  table.push_back(one_of("render.encoder", field(&Config::render, &Render::encoder), {"auto", "h264_nvenc", "libx264"},
                         "The video encoder; auto takes the best that opens."));
  table.push_back(one_of("render.hardware", field(&Config::render, &Render::hardware),
                         {"required", "if_possible", "never"}, "Whether a GPU encodes."));
  table.push_back(range("render.width", field(&Config::render, &Render::width_px), 320, 7680,
                        "Width of the picture; even.", "pixels"));
  table.push_back(range("render.height", field(&Config::render, &Render::height_px), 180, 4320,
                        "Height of the picture; even.", "pixels"));
  table.push_back(range("render.frames_per_second", field(&Config::render, &Render::frames_per_second), 1, 120,
                        "Constant frame rate.", "frames a second"));
  table.push_back(one_of(
      "render.preset", field(&Config::render, &Render::preset),
      {"ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow", "placebo"},
      "Speed against size, of the software encoder."));
  table.push_back(range("render.crf", field(&Config::render, &Render::crf), 0, 51,
                        "Constant rate factor: 0 is lossless, larger is smaller and worse."));
  table.push_back(range("render.keyframe_seconds", field(&Config::render, &Render::keyframe_seconds), 1, 60,
                        "Playing can start at least every so many seconds.", "seconds"));
  table.push_back(plain("render.hold_still_frames", field(&Config::render, &Render::hold_still_frames),
                        "Whether frames that only repeat the one before are left out of encoding."));
  table.push_back(range("render.encoder_threads", field(&Config::render, &Render::encoder_threads), 1, 64,
                        "Threads of the software encoder. The same number gives the same bytes.", "threads"));
  table.push_back(range("render.parallel_spans", field(&Config::render, &Render::parallel_spans), 0, 64,
                        "Parts of a video that are encoded side by side; the bytes do not depend on it. 0: by itself, "
                        "as many as the processors can use in little more memory than one encoder takes.",
                        "spans"));
  table.push_back(plain("render.span_cache.enabled", field(&Config::render, &Render::span_cache, &SpanCache::enabled),
                        "Whether encoded parts of videos and finished sound are kept, so that a lesson that is "
                        "rendered again after an edit costs the edit."));
  table.push_back(range("render.span_cache.max_bytes",
                        field(&Config::render, &Render::span_cache, &SpanCache::max_bytes), kMib, kTib,
                        "How much is kept; what was not used for longest goes first."));
  table.push_back(path_below_state("render.span_cache.directory",
                                   field(&Config::render, &Render::span_cache, &SpanCache::directory), "cache/spans",
                                   "The folder it is kept in; all workers share it."));
  table.push_back(one_of("render.speech", field(&Config::render, &Render::speech), {"espeak", "none"},
                         "What speaks the narration."));
  table.push_back(range("render.words_per_minute", field(&Config::render, &Render::words_per_minute), 80, 450,
                        "How fast the narration is spoken.", "words a minute"));
  table.push_back(text("render.watermark", field(&Config::render, &Render::watermark),
                       "Text in the corner of every video.", "none"));
  table.push_back(plain("render.progress_line", field(&Config::render, &Render::progress_line),
                        "A line at the lower edge of every video: how far the lesson has come."));
  table.push_back(text("render.music", field(&Config::render, &Render::music),
                       "Music under the voice: a file below paths.assets. A storyboard's metadata.music comes first.",
                       "none"));
  table.push_back(text("render.equations.command", field(&Config::render, &Render::equations, &Equations::command),
                       "Node.js, which sets equations from TeX: a path, or a name in PATH.",
                       "equations are shown as text"));
  table.push_back(text("render.equations.package", field(&Config::render, &Render::equations, &Equations::package),
                       "The folder that holds typeset.cjs and MathJax.", "share/vividd/tex beside the renderer"));
  table.push_back(path_below_state("render.equations.cache",
                                   field(&Config::render, &Render::equations, &Equations::cache), "cache/equations",
                                   "Equations that were set once, for the next lesson that shows them."));
  table.push_back(range("render.equations.time_limit",
                        field(&Config::render, &Render::equations, &Equations::time_limit), 100, 10 * kMinute,
                        "How long all equations of a lesson may take; the rest is shown as text."));
}

void add_gpu(Table& table) {
  table.push_back(one_of("gpu.preset", field(&Config::gpu, &Gpu::preset), {"p1", "p2", "p3", "p4", "p5", "p6", "p7"},
                         "NVENC's speed (p1) against size (p7). Slides change seldom, so that p5 costs little time and "
                         "saves about a tenth of p4's bytes; p6 and p7 save hardly more."));
  table.push_back(
      range("gpu.quality", field(&Config::gpu, &Gpu::quality), 0, 51,
            "NVENC's constant quality, 1 (best) to 51; 0 takes render.crf, whose scale is about the same."));
  table.push_back(range("gpu.max_bit_rate", field(&Config::gpu, &Gpu::max_bit_rate), 100'000, 800'000'000,
                        "Whatever constant quality would take, no more than this: a transition may not outrun a "
                        "student's connection.",
                        "bits a second"));
  table.push_back(range("gpu.aq_strength", field(&Config::gpu, &Gpu::aq_strength), 0, 15,
                        "How much finer flat areas are coded than busy ones: edges of text on a plain ground show "
                        "every error; 0 is off."));
  table.push_back(range("gpu.look_ahead", field(&Config::gpu, &Gpu::look_ahead), 0, 32,
                        "Pictures that NVENC looks ahead to spend bits on those that others are built on; 0 is off.",
                        "pictures"));
  table.push_back(range("gpu.sessions", field(&Config::gpu, &Gpu::sessions), 0, 64,
                        "Encoder sessions used at once on one GPU; 0 takes as many as the probe could open.",
                        "sessions"));
  table.push_back(range("gpu.system_sessions", field(&Config::gpu, &Gpu::system_sessions), 0, 256,
                        "Encoder sessions used at once on all GPUs; 0 takes what the probe met, for consumer cards "
                        "share one limit.",
                        "sessions"));
  table.push_back(range("gpu.session_wait", field(&Config::gpu, &Gpu::session_wait), 0, kHour,
                        "Where render.hardware is if_possible, a video waits this long for a session before it is "
                        "encoded without a GPU."));
  table.push_back(range("gpu.start_interval", field(&Config::gpu, &Gpu::start_interval), 0, kMinute,
                        "Time between two sessions that open on one GPU: drivers are slow to open several at once."));
  table.push_back(range("gpu.breaker_failures", field(&Config::gpu, &Gpu::breaker_failures), 1, 100,
                        "A GPU that failed so often in a row is put aside.", "failures"));
  table.push_back(
      range("gpu.breaker_rest", field(&Config::gpu, &Gpu::breaker_rest), 1, kDay,
            "A GPU that was put aside is tried with one video after this long, then after twice as long, up "
            "to twenty times."));
  table.push_back(range("gpu.watch_interval", field(&Config::gpu, &Gpu::watch_interval), 0, kHour,
                        "How often load, memory and temperature of the GPUs are read; 0 is never."));
  table.push_back(range("gpu.probe_limit", field(&Config::gpu, &Gpu::probe_limit), kSecond, kHour,
                        "A driver that has not answered the probe after this long counts as broken."));
}

void add_formats(Table& table) {
  table.push_back(
      plain("formats.srt", field(&Config::formats, &Formats::srt), "Captions as SubRip beside WebVTT: captions.srt."));
  table.push_back(plain("formats.poster", field(&Config::formats, &Formats::poster),
                        "The title at the video's own size: poster.jpg."));
  table.push_back(plain("formats.thumbnails", field(&Config::formats, &Formats::thumbnails),
                        "A small picture of every scene: thumbnails/scene-01.jpg and on."));
  table.push_back(plain("formats.sprite", field(&Config::formats, &Formats::sprite),
                        "Small pictures for a player's seek bar: preview.jpg with preview.vtt."));
  table.push_back(
      plain("formats.mp3", field(&Config::formats, &Formats::mp3), "The sound as MP3 beside M4A: narration.mp3."));
  table.push_back(plain("formats.ladder", field(&Config::formats, &Formats::ladder),
                        "The video at each smaller size of 1080, 720 and 480 lines: video-720p.mp4 and on."));
  table.push_back(plain("formats.hls", field(&Config::formats, &Formats::hls),
                        "All sizes as one adaptive stream: hls/master.m3u8."));
  table.push_back(plain("formats.webm", field(&Config::formats, &Formats::webm),
                        "The video as VP9 and Opus: video.webm; takes several times as long as the video itself."));
}

void add_storage(Table& table) {
  table.push_back(text("storage.url", field(&Config::storage, &Storage::url),
                       "Where results go: gs://BUCKET or gs://BUCKET/PREFIX for Google Cloud Storage, file:///FOLDER "
                       "for a folder whose folders are the buckets.",
                       "storage.directory"));
  table.push_back(path_below_state("storage.directory", field(&Config::storage, &Storage::directory), "objects",
                                   "The local object store; its folders are the buckets."));
  Option bucket =
      plain("storage.bucket", field(&Config::storage, &Storage::bucket), "The bucket that results are put into.");
  bucket.accepts = is_bucket_name;
  bucket.grammar = "3 to 63 of a-z, 0-9, - and _, beginning and ending with a letter or digit";
  table.push_back(bucket);
  table.push_back(text("storage.endpoint", field(&Config::storage, &Storage::endpoint),
                       "Google Cloud Storage under another address: https://HOST[:PORT], or http:// on this machine.",
                       "$STORAGE_EMULATOR_HOST, asked without credentials, else https://storage.googleapis.com"));
  table.push_back(text("storage.ca_file", field(&Config::storage, &Storage::ca_file),
                       "Authorities that certificates are held against, as PEM.", "the system's"));
  table.push_back(text("storage.cache_control", field(&Config::storage, &Storage::cache_control),
                       "The Cache-Control of every object.", "the service's default"));
  table.push_back(range("storage.chunk", field(&Config::storage, &Storage::chunk_bytes), 256 * 1024, kGib,
                        "Parts that an upload is made in, each of them confirmed; a multiple of 256KiB."));
  table.push_back(range("storage.bandwidth", field(&Config::storage, &Storage::bandwidth_bytes), 0, kTib,
                        "Most that all uploads together send in a second; 0 is no limit."));
  table.push_back(range("storage.parallel", field(&Config::storage, &Storage::parallel), 1, 64,
                        "Files of one request that are uploaded at once.", "files"));
  table.push_back(range("storage.patience", field(&Config::storage, &Storage::patience), kSecond, kDay,
                        "An attempt to upload ends when the service has taken nothing for this long; the next one goes "
                        "on where it was."));
  table.push_back(text("google.credentials", field(&Config::google, &Google::credentials),
                       "A file with the key of a service account or another credential, which others cannot read.",
                       "the systemd credential google-credentials, $GOOGLE_APPLICATION_CREDENTIALS, gcloud's own, the "
                       "metadata server, in this order"));
}

void add_outside(Table& table) {
  table.push_back(
      text("notify.command", field(&Config::notify, &Notify::command),
           "Program and arguments, run when a request has been completed, with the result as JSON on its standard "
           "input.",
           "nothing is run"));
  table.push_back(range("admission.min_free", field(&Config::admission, &Admission::min_free_bytes), 0, 1024 * kTib,
                        "With less free on the disk of the spool no job is accepted and none is started."));
}

void add_control_and_http(Table& table) {
  table.push_back(path_below_state("control.socket", field(&Config::control, &Control::socket), "control.sock",
                                   "The Unix socket that vividctl speaks to; at most 107 bytes long."));
  Option mode = range("control.mode", field(&Config::control, &Control::mode), 0600, 0777,
                      "Who may open the control socket, as a file mode.");
  mode.octal = true;
  table.push_back(mode);
  table.push_back(text("control.group", field(&Config::control, &Control::group),
                       "The control socket's group. Its members, root and the daemon's user may steer; "
                       "whoever else can open the socket may only look.",
                       "the daemon's own"));
  table.push_back(range("control.max_request", field(&Config::control, &Control::max_request_bytes), 64 * 1024,
                        256 * kMib, "A longer request is refused and its connection closed."));
  table.push_back(range("control.max_connections", field(&Config::control, &Control::max_connections), 1, 10'000,
                        "Further connections are closed at once.", "connections"));
  table.push_back(range("control.max_requests_per_second", field(&Config::control, &Control::max_requests_per_second),
                        1, 1e6, "Faster requests of one connection wait.", "requests a second"));
  table.push_back(
      plain("http.enabled", field(&Config::http, &Http::enabled), "Whether metrics and health are served."));
  Option address = plain("http.address", field(&Config::http, &Http::address),
                         "Where metrics and health are served. They carry no secret, but ask for no password either.");
  address.accepts = is_ipv4_address;
  address.grammar = "an IPv4 address";
  table.push_back(address);
  table.push_back(
      range("http.port", field(&Config::http, &Http::port), 0, 65'535, "0 takes a free one and writes it to the log."));
}

void add_operation(Table& table) {
  table.push_back(one_of("log.level", field(&Config::log, &Log::level), {"debug", "info", "warning", "error"},
                         "The least that is logged."));
  table.push_back(one_of("log.format", field(&Config::log, &Log::format), {"auto", "human", "json"},
                         "auto writes for people on a terminal and JSON elsewhere."));
  table.push_back(range("shutdown.drain_limit", field(&Config::shutdown, &Shutdown::drain_limit), 100, kDay,
                        "After SIGTERM stages in flight may take this long to end; then they are given back."));
  table.push_back(range("cost.text_request", field(&Config::cost, &Cost::text_request_usd), 0, 1000,
                        "What a text-only request costs, for the metrics.", "USD"));
  table.push_back(range("cost.video_request", field(&Config::cost, &Cost::video_request_usd), 0, 1000,
                        "What a video request costs, for the metrics.", "USD"));
}

void add_central(Table& table) {
  Option database = text("central.database", field(&Config::central, &Central::database),
                         "The database that the fleet shares, as a libpq URI or keywords; a password is better kept in "
                         "a file of libpq's (~/.pgpass) than here.",
                         "none; requests come over the control socket alone");
  database.secret = true;
  table.push_back(database);
  table.push_back(range("central.lease", field(&Config::central, &Central::lease), 3 * kSecond, kHour,
                        "How long a request stays this host's without a renewal; the same on every host."));
  table.push_back(range("central.renew_interval", field(&Config::central, &Central::renew_interval), kSecond, kHour,
                        "How often leases are renewed; at most a third of central.lease."));
  table.push_back(range("central.poll_minimum", field(&Config::central, &Central::poll_minimum), 100, kHour,
                        "Shortest time between two looks for requests without a hint; at most central.poll_maximum."));
  table.push_back(range("central.poll_maximum", field(&Config::central, &Central::poll_maximum), 100, kHour,
                        "Longest time between two looks for requests without a hint."));
  table.push_back(range("central.max_crashes", field(&Config::central, &Central::max_crashes), 1, 100,
                        "A request whose hosts died over it this often has failed.", "crashes"));
  table.push_back(range("central.connect_timeout", field(&Config::central, &Central::connect_timeout), kSecond,
                        5 * kMinute, "Longest time for a connection to be made."));
  table.push_back(range("central.statement_timeout", field(&Config::central, &Central::statement_timeout), kSecond,
                        5 * kMinute, "Longest time for one statement."));
  table.push_back(range("central.text_batch", field(&Config::central, &Central::text_batch), 1, 5'000,
                        "Text-only requests answered together.", "requests"));
  table.push_back(range("central.max_undelivered", field(&Config::central, &Central::max_undelivered), 1, 10e6,
                        "With more messages undelivered nothing new is claimed.", "messages"));
  table.push_back(range("central.jobs_ahead", field(&Config::central, &Central::jobs_ahead), 0, 1000,
                        "Media requests taken beyond what the render and cpu lanes can work on, so that no lane waits "
                        "for the next; what is taken ahead no other host can work on.",
                        "requests"));
}

// The reference lesson: one script, 2,500 characters spoken, 45 GPU seconds, 60 CPU seconds and 100,000,000 bytes come
// to $0.20, its text alone to $0.017.
void add_prices(Table& table) {
  table.push_back(price("prices.script_usd", &Prices::script_usd, "One script, whoever wrote it."));
  table.push_back(price("prices.speech_character_usd", &Prices::speech_character_usd, "One character spoken."));
  table.push_back(price("prices.gpu_second_usd", &Prices::gpu_second_usd, "A second for which a GPU was held."));
  table.push_back(price("prices.cpu_second_usd", &Prices::cpu_second_usd, "A second of processor time of a worker."));
  table.push_back(price("prices.stored_byte_usd", &Prices::stored_byte_usd, "One byte put into the object store."));
}

Table make_table() {
  Table table;
  add_host_and_paths(table);
  add_queue(table);
  add_stages(table);
  add_lanes_and_workers(table);
  add_render(table);
  add_gpu(table);
  add_formats(table);
  add_storage(table);
  add_outside(table);
  add_control_and_http(table);
  add_operation(table);
  add_central(table);
  add_prices(table);
  return table;
}

}  // namespace

const std::vector<Option>& options() {
  static const Table table = make_table();
  return table;
}

const Option* find_option(std::string_view key) {
  const Table& table = options();
  const auto found = std::find_if(table.begin(), table.end(), [&](const Option& option) { return option.key == key; });
  return found == table.end() ? nullptr : &*found;
}

std::string environment_name(const Option& option) {
  std::string name = "VIVIDD_";
  for (const char c : option.key) name += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return name;
}

}  // namespace vivid::config
