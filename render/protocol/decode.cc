#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/utf8.h"
#include "render/protocol/messages.h"
#include "render/protocol/names.h"

namespace vivid::render {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxFileNameBytes = 1024;

enum class Presence { required, optional };

// Reads the members of one object into variables and remembers the first that does not fit. Unknown members are
// ignored: a newer peer may say more.
class Reader {
 public:
  Reader(const json& object, std::string_view what) : object_(object), what_(what) {
    if (!object.is_object()) problem_ = std::string(what) + " is not an object";
  }

  void text(const char* key, std::string& out, Presence presence = Presence::optional) {
    const json* value = member(key, presence, &json::is_string, "a string");
    if (value != nullptr) out = value->get_ref<const std::string&>();
  }

  template <typename Integer>
  void integer(const char* key, Integer& out, Presence presence = Presence::optional) {
    const json* value = member(key, presence, &json::is_number_integer, "an integer");
    if (value == nullptr) return;
    // nlohmann keeps what fits int64 signed, and larger ones unsigned.
    const bool fits = value->is_number_unsigned() ? std::in_range<Integer>(value->get<std::uint64_t>())
                                                  : std::in_range<Integer>(value->get<std::int64_t>());
    if (!fits) return reject(key, "is out of range");
    out = value->get<Integer>();
  }

  void number(const char* key, double& out) {
    const json* value = member(key, Presence::optional, &json::is_number, "a number");
    if (value != nullptr) out = value->get<double>();
  }

  void flag(const char* key, bool& out) {
    const json* value = member(key, Presence::optional, &json::is_boolean, "true or false");
    if (value != nullptr) out = value->get<bool>();
  }

  void microseconds(const char* key, std::chrono::microseconds& out) {
    std::int64_t count = out.count();
    integer(key, count);
    out = std::chrono::microseconds(count);
  }

  void texts(const char* key, std::vector<std::string>& out) {
    each(key, [&](const json& item) {
      if (!item.is_string()) return reject(key, "must hold strings");
      out.push_back(item.get_ref<const std::string&>());
    });
  }

  bool has(const char* key) const { return problem_.empty() && object_.contains(key); }

  // Calls `take` with every item of the array under `key`.
  template <typename Take>
  void each(const char* key, Take take) {
    const json* value = member(key, Presence::optional, &json::is_array, "an array");
    if (value == nullptr) return;
    for (const json& item : *value) {
      if (problem_.empty()) take(item);
    }
  }

  const json* object(const char* key, Presence presence = Presence::required) {
    return member(key, presence, &json::is_object, "an object");
  }

  void adopt(const Reader& inner) {
    if (problem_.empty()) problem_ = inner.problem_;
  }

  void reject(const char* key, std::string_view why) {
    if (problem_.empty()) problem_ = std::string(what_) + "." + key + " " + std::string(why);
  }

  Status finish() const {
    if (problem_.empty()) return {};
    return fail(ErrorCode::invalid_input, problem_);
  }

 private:
  using Check = bool (json::*)() const noexcept;

  const json* member(const char* key, Presence presence, Check check, std::string_view wanted) {
    if (!problem_.empty()) return nullptr;
    const auto found = object_.find(key);
    if (found == object_.end()) {
      if (presence == Presence::required) reject(key, "is missing");
      return nullptr;
    }
    if (((*found).*check)()) return &*found;
    reject(key, "must be " + std::string(wanted) + ", not " + found->type_name());
    return nullptr;
  }

  const json& object_;
  std::string_view what_;
  std::string problem_;
};

Result<json> parse_line(std::string_view line) {
  if (line.size() > kMaxMessageBytes) {
    return fail(ErrorCode::too_large, "message of " + std::to_string(line.size()) + " bytes; at most " +
                                          std::to_string(kMaxMessageBytes) + " are allowed");
  }
  json value = json::parse(line, nullptr, false);
  if (value.is_discarded()) return fail(ErrorCode::invalid_input, "message is not JSON");
  if (!value.is_object()) return fail(ErrorCode::invalid_input, "message is not a JSON object");
  return value;
}

Result<std::string> type_of(const json& object) {
  std::string type;
  Reader reader(object, "message");
  reader.text("type", type, Presence::required);
  VIVID_TRY(reader.finish());
  return type;
}

tl::unexpected<Error> unknown_type(std::string_view type, std::string_view allowed) {
  return fail(ErrorCode::invalid_input,
              "message.type is '" + std::string(type.substr(0, 64)) + "'; allowed: " + std::string(allowed));
}

void read_steps(Reader& outer, std::vector<Step>& steps) {
  outer.each("steps", [&](const json& item) {
    Step& step = steps.emplace_back();
    Reader reader(item, "steps[]");
    reader.text("name", step.name, Presence::required);
    reader.microseconds("start_us", step.start);
    reader.microseconds("duration_us", step.duration);
    outer.adopt(reader);
  });
}

// A path that stays below the folder it is joined to, and fits a line of a log.
bool is_inside_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxFileNameBytes || !is_valid_utf8(name)) return false;
  for (std::size_t start = 0; start <= name.size();) {
    const std::size_t end = std::min(name.find('/', start), name.size());
    const std::string_view part = name.substr(start, end - start);
    if (part.empty() || part == "." || part == "..") return false;
    start = end + 1;
  }
  return std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

void read_files(Reader& outer, std::vector<ProducedFile>& files) {
  outer.each("files", [&](const json& item) {
    ProducedFile& file = files.emplace_back();
    Reader reader(item, "files[]");
    reader.text("name", file.name, Presence::required);
    if (!is_inside_name(file.name)) reader.reject("name", "must name a file inside the work directory");
    reader.text("content_type", file.content_type);
    reader.integer("size_bytes", file.size_bytes, Presence::required);
    reader.text("sha256", file.sha256, Presence::required);
    reader.text("crc32c", file.crc32c);
    outer.adopt(reader);
  });
}

void read_formats(Reader& reader, Formats& formats) {
  if (!reader.has("formats")) return;
  std::vector<std::string> texts;
  reader.texts("formats", texts);
  formats = Formats();
  for (const std::string& name : texts) {
    const auto format = format_from_text(name);
    if (!format) return reader.reject("formats", "holds '" + name.substr(0, 64) + "', which is no format");
    formats.add(*format);
  }
}

void read_equations(Reader& outer, EquationOptions& options) {
  const json* object = outer.object("equations", Presence::optional);
  if (object == nullptr) return;
  std::string package;
  std::string cache;
  std::int64_t limit_ms = options.time_limit.count();
  Reader reader(*object, "equations");
  reader.text("command", options.command);
  reader.text("package", package);
  reader.text("cache", cache);
  reader.integer("time_limit_ms", limit_ms);
  if (limit_ms <= 0) reader.reject("time_limit_ms", "must be more than 0");
  options.package = package;
  options.cache = cache;
  options.time_limit = std::chrono::milliseconds(limit_ms);
  outer.adopt(reader);
}

void read_span_cache(Reader& outer, SpanCacheSettings& settings) {
  const json* object = outer.object("span_cache", Presence::optional);
  if (object == nullptr) return;
  std::string directory;
  Reader reader(*object, "span_cache");
  reader.text("directory", directory);
  reader.integer("max_bytes", settings.max_bytes);
  settings.directory = directory;
  outer.adopt(reader);
}

void read_nvenc(Reader& outer, NvencOptions& options) {
  const json* object = outer.object("nvenc", Presence::optional);
  if (object == nullptr) return;
  Reader reader(*object, "nvenc");
  reader.text("preset", options.preset);
  reader.integer("cq", options.cq);
  reader.integer("max_rate_bps", options.max_rate_bps);
  reader.integer("aq_strength", options.aq_strength);
  reader.integer("look_ahead", options.look_ahead);
  outer.adopt(reader);
}

void read_options(Reader& outer, RenderOptions& options) {
  const json* object = outer.object("options");
  if (object == nullptr) return;
  std::string hardware(names::to_text(options.hardware));
  std::string captions(names::to_text(options.captions));
  std::string asset_root;
  Reader reader(*object, "options");
  reader.integer("width_px", options.width_px, Presence::required);
  reader.integer("height_px", options.height_px, Presence::required);
  reader.integer("frames_per_second", options.frames_per_second, Presence::required);
  reader.text("encoder", options.encoder);
  reader.text("hardware", hardware);
  reader.text("preset", options.preset);
  reader.integer("crf", options.crf);
  reader.integer("keyframe_seconds", options.keyframe_seconds);
  reader.flag("hold_still_frames", options.hold_still_frames);
  reader.integer("encoder_threads", options.encoder_threads);
  reader.integer("parallel_spans", options.parallel_spans);
  read_span_cache(reader, options.span_cache);
  read_nvenc(reader, options.nvenc);
  reader.text("hardware_refused", options.hardware_refused);
  reader.text("speech", options.speech);
  reader.integer("words_per_minute", options.words_per_minute);
  reader.text("watermark", options.watermark);
  reader.flag("progress_line", options.progress_line);
  reader.text("asset_root", asset_root);
  reader.flag("scene_images", options.scene_images);
  reader.flag("high_contrast", options.high_contrast);
  reader.number("font_scale", options.font_scale);
  reader.text("captions", captions);
  reader.flag("audio_descriptions", options.audio_descriptions);
  reader.text("language", options.language);
  reader.text("voice", options.voice);
  reader.text("music", options.music);
  read_formats(reader, options.formats);
  read_equations(reader, options.equations);
  if (const auto mode = names::hardware_from_text(hardware)) {
    options.hardware = *mode;
  } else {
    reader.reject("hardware", "must be required, if_possible or never");
  }
  if (const auto mode = names::captions_from_text(captions)) {
    options.captions = *mode;
  } else {
    reader.reject("captions", "must be off, track, shown or burnt_in");
  }
  options.asset_root = asset_root;
  outer.adopt(reader);
}

Result<Hello> read_hello(const json& object) {
  Hello hello;
  Reader reader(object, "hello");
  reader.integer("pid", hello.pid, Presence::required);
  reader.text("version", hello.version, Presence::required);
  reader.texts("encoders", hello.encoders);
  VIVID_TRY(reader.finish());
  return hello;
}

Result<Progress> read_progress(const json& object) {
  Progress progress;
  Reader reader(object, "progress");
  reader.number("fraction", progress.fraction);
  reader.text("step", progress.step);
  reader.integer("frames_done", progress.frames_done);
  reader.integer("frames_total", progress.frames_total);
  reader.number("frames_per_second", progress.frames_per_second);
  VIVID_TRY(reader.finish());
  return progress;
}

void read_sound(Reader& outer, std::optional<SoundLevels>& sound) {
  const json* object = outer.object("sound", Presence::optional);
  if (object == nullptr) return;
  Reader reader(*object, "sound");
  sound.emplace();
  reader.number("loudness_before_lufs", sound->loudness_before_lufs);
  reader.number("loudness_lufs", sound->loudness_lufs);
  reader.number("true_peak_before_dbtp", sound->true_peak_before_dbtp);
  reader.number("true_peak_dbtp", sound->true_peak_dbtp);
  reader.number("gain_db", sound->gain_db);
  outer.adopt(reader);
}

void read_reuse(Reader& outer, std::optional<ReuseCounts>& reuse) {
  const json* object = outer.object("reuse", Presence::optional);
  if (object == nullptr) return;
  Reader reader(*object, "reuse");
  reuse.emplace();
  reader.integer("hits", reuse->hits);
  reader.integer("misses", reuse->misses);
  reader.integer("bytes_read", reuse->bytes_read);
  reader.integer("bytes_written", reuse->bytes_written);
  reader.integer("evicted", reuse->evicted);
  reader.integer("corrupt", reuse->corrupt);
  reader.integer("refused", reuse->refused);
  outer.adopt(reader);
}

Result<StageResult> read_result(const json& object) {
  StageResult result;
  Reader reader(object, "result");
  read_files(reader, result.files);
  read_steps(reader, result.steps);
  reader.texts("warnings", result.warnings);
  reader.text("encoder", result.encoder);
  reader.text("fallback_reason", result.fallback_reason);
  reader.number("media_seconds", result.media_seconds);
  reader.text("hold_problem", result.hold_problem);
  reader.integer("frames", result.frames);
  reader.integer("frames_encoded", result.frames_encoded);
  reader.integer("characters_spoken", result.characters_spoken);
  reader.number("cpu_seconds", result.cpu_seconds);
  reader.number("gpu_seconds", result.gpu_seconds);
  read_sound(reader, result.sound);
  read_reuse(reader, result.reuse);
  reader.text("title", result.title);
  reader.text("language", result.language);
  VIVID_TRY(reader.finish());
  return result;
}

Result<Failure> read_failure(const json& object) {
  Failure failure;
  std::string code;
  Reader reader(object, "failure");
  reader.text("code", code, Presence::required);
  reader.text("message", failure.error.message);
  read_steps(reader, failure.steps);
  VIVID_TRY(reader.finish());
  failure.error.code = error_code_from_text(code);
  return failure;
}

}  // namespace

Result<Task> decode_task(std::string_view line) {
  VIVID_ASSIGN(const json object, parse_line(line));
  VIVID_ASSIGN(const std::string type, type_of(object));
  if (type != names::kTask) return unknown_type(type, "task");
  Task task;
  std::string work_directory;
  Reader reader(object, "task");
  reader.text("job", task.job, Presence::required);
  reader.text("correlation_id", task.correlation_id);
  reader.text("stage", task.stage, Presence::required);
  reader.integer("attempt", task.attempt);
  reader.text("work_directory", work_directory, Presence::required);
  reader.text("input", task.input);
  read_options(reader, task.options);
  VIVID_TRY(reader.finish());
  task.work_directory = work_directory;
  return task;
}

Result<WorkerMessage> decode_worker_message(std::string_view line) {
  VIVID_ASSIGN(const json object, parse_line(line));
  VIVID_ASSIGN(const std::string type, type_of(object));
  if (type == names::kHello) {
    VIVID_ASSIGN(Hello hello, read_hello(object));
    return WorkerMessage(std::move(hello));
  }
  if (type == names::kProgress) {
    VIVID_ASSIGN(Progress progress, read_progress(object));
    return WorkerMessage(std::move(progress));
  }
  if (type == names::kResult) {
    VIVID_ASSIGN(StageResult result, read_result(object));
    return WorkerMessage(std::move(result));
  }
  if (type == names::kFailure) {
    VIVID_ASSIGN(Failure failure, read_failure(object));
    return WorkerMessage(std::move(failure));
  }
  return unknown_type(type, "hello, progress, result, failure");
}

Result<StageResult> stage_result_from_json(std::string_view text) {
  VIVID_ASSIGN(const json object, parse_line(text));
  return read_result(object);
}

}  // namespace vivid::render
