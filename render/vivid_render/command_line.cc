#include "render/vivid_render/command_line.h"

#include <CLI/CLI.hpp>
#include <map>
#include <vector>

#include "render/encode/encoder_choice.h"

namespace vivid::render {
namespace {

constexpr const char* kAbout =
    "Turns a lesson's script or storyboard into a narrated video: video.mp4, captions.vtt,\n"
    "thumbnail.jpg, narration.m4a, text.md, manifest.json and further formats.";
constexpr const char* kExitCodes =
    "Exit status:\n"
    "  0    done\n"
    "  2    the command line is wrong\n"
    "  3    the input or an option is wrong, or nothing here can do it: trying again changes nothing\n"
    "  4    rendering failed (disk full, device busy …): trying again may help\n"
    "  130  interrupted (SIGINT, SIGTERM or SIGHUP); nothing is left behind";

const std::map<std::string, HardwareMode> kHardware{
    {"required", HardwareMode::required}, {"if_possible", HardwareMode::if_possible}, {"never", HardwareMode::never}};
const std::map<std::string, CaptionMode> kCaptions{{"off", CaptionMode::off},
                                                   {"track", CaptionMode::track},
                                                   {"shown", CaptionMode::shown},
                                                   {"burnt_in", CaptionMode::burnt_in}};
struct Size {
  int width_px;
  int height_px;
};
const std::map<std::string, Size> kSizes{
    {"1280x720", {1280, 720}}, {"1920x1080", {1920, 1080}}, {"3840x2160", {3840, 2160}}};

std::vector<std::string> encoder_names() {
  std::vector<std::string> names{"auto"};
  for (const EncoderKind& kind : known_encoders()) names.emplace_back(kind.name);
  return names;
}

constexpr const char* kNoFormats = "none";

std::vector<std::string> format_names() {
  std::vector<std::string> names{kNoFormats};
  for (const FormatName& known : kFormatNames) names.emplace_back(known.name);
  return names;
}

struct Texts {
  std::string size = "1920x1080";
  std::string hardware = "if_possible";
  std::string captions = "track";
  std::vector<std::string> formats;
};

std::vector<std::string> keys(const auto& map) {
  std::vector<std::string> names;
  for (const auto& [name, value] : map) names.push_back(name);
  return names;
}

// What the viewer prefers.
void add_preferences(CLI::App& app, RenderOptions& options, Texts& texts) {
  app.add_option("--language", options.language, "Language of an input that names none (default: en)")
      ->type_name("TAG");
  app.add_option("--voice", options.voice, "Voice by name; the best match where there is none of that name")
      ->type_name("NAME");
  app.add_option("--music", options.music, "Music under the voice: a file below --assets, repeated as long as needed")
      ->type_name("FILE");
  app.add_option("--captions", texts.captions,
                 "In video.mp4: off, a track to switch on, one that players show by themselves, or in the picture")
      ->check(CLI::IsMember(keys(kCaptions)))
      ->capture_default_str();
  app.add_flag("--audio-descriptions", options.audio_descriptions,
               "Tell what is to be seen in a second sound track; the lesson waits for it");
  app.add_flag("--progress-line", options.progress_line, "At the lower edge, how far the lesson has come");
  app.add_flag("--high-contrast", options.high_contrast, "Text and lines at a contrast of 7:1 or better");
  app.add_option("--font-scale", options.font_scale, "Times the usual size of text")
      ->check(CLI::Range(kMinFontScale, kMaxFontScale))
      ->capture_default_str();
}

// What costs nothing but time, memory and room on the disk.
void add_costs(CLI::App& app, RenderOptions& options) {
  app.add_option("--cache", options.span_cache.directory,
                 "Folder that keeps what is encoded, so that it need not be again; made if it is missing")
      ->type_name("DIR");
  app.add_option("--cache-bytes", options.span_cache.max_bytes, "How much it may keep, such as 500MB or 8GiB")
      ->transform(CLI::AsSizeValue(false))
      ->type_name("SIZE")
      ->capture_default_str();
  app.add_option("--parallel-spans", options.parallel_spans,
                 "Spans of the video that are encoded side by side; 0: as many as is fastest in little memory")
      ->check(CLI::Range(0, 64))
      ->capture_default_str();
}

void add_options(CLI::App& app, CommandLine& command, Texts& texts) {
  RenderOptions& options = command.options;
  app.add_option("INPUT", command.input,
                 "Script or storyboard (JSON, also in ``` fences or amid prose); - reads stdin");
  app.add_option("-o,--output", command.output_directory, "Folder for the results; made if it is missing")
      ->type_name("DIR");
  app.add_option("--assets", options.asset_root, "Folder below which the input may name images and music")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
  app.add_option("--encoder", options.encoder, "auto: h264_nvenc where a session opens, else libx264")
      ->check(CLI::IsMember(encoder_names()))
      ->capture_default_str();
  app.add_option("--hardware", texts.hardware, "Whether a device must, may or must not encode")
      ->check(CLI::IsMember(keys(kHardware)))
      ->capture_default_str();
  app.add_option("--speech", options.speech, "The voice; none leaves the narration silent")
      ->check(CLI::IsMember({"espeak", "none"}))
      ->capture_default_str();
  app.add_option("--words-per-minute", options.words_per_minute, "How fast the voice speaks")
      ->check(CLI::Range(80, 450))
      ->capture_default_str();
  app.add_option("--size", texts.size, "Picture size")->check(CLI::IsMember(keys(kSizes)))->capture_default_str();
  app.add_option("--fps", options.frames_per_second, "Frames a second")
      ->check(CLI::Range(1, 120))
      ->capture_default_str();
  app.add_option("--preset", options.preset, "libx264's speed")
      ->check(CLI::IsMember(
          {"ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow", "placebo"}))
      ->capture_default_str();
  app.add_option("--crf", options.crf, "Quality, 0 (lossless) to 51")->check(CLI::Range(0, 51))->capture_default_str();
  app.add_option("--keyframe-seconds", options.keyframe_seconds, "Playing can start at least every so many seconds")
      ->check(CLI::Range(1, kMostKeyframeSeconds))
      ->capture_default_str();
  app.add_flag("--encode-every-frame{false}", options.hold_still_frames,
               "Encode frames that only repeat the one before, too");
  app.add_option("--threads", options.encoder_threads, "Encoder threads; the bytes depend on it")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--watermark", options.watermark, "Text over every picture")->type_name("TEXT");
  add_costs(app, options);
  add_preferences(app, options, texts);
  app.add_option("--equations", options.equations.command,
                 "Node.js, which sets equations from TeX; empty shows them as text")
      ->type_name("PROGRAM")
      ->capture_default_str();
  app.add_option("--formats", texts.formats, "What to make besides (default: srt,poster,thumbnails)")
      ->delimiter(',')
      ->check(CLI::IsMember(format_names()))
      ->type_name("LIST");
  app.add_flag("--scene-images", options.scene_images, "Also write images/scene-NN.png");
  app.add_flag("--progress", command.progress,
               "Show progress where standard error is not a terminal too, line by line");
  app.add_flag("--json", command.json, "Print the manifest instead of the list of files");
  app.add_flag("-v,--verbose", command.verbose, "Log what is done, FFmpeg's messages too");
  app.add_flag("--probe", command.probe,
               "Say which GPUs are here and what they encode, found out by opening sessions; ends with 0 if one does");
  app.add_option("--probe-cache", command.probe_cache, "Where --probe remembers what it found, for the same driver")
      ->type_name("FILE");
  app.add_option("--watch-gpus", command.watch_gpus_seconds,
                 "Say every so many seconds what the GPUs are doing, as JSON")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 3600));
  app.add_flag("--worker", command.worker, "Be a worker of vividd: tasks come over descriptor 3");
  app.set_version_flag("--version", "vivid-render " VIVID_VERSION);
  app.footer(kExitCodes);
}

void parse(CLI::App& app, int count, const char* const* arguments, CommandLine& command, const Texts& texts) {
  app.parse(count, arguments);
  command.options.hardware = kHardware.at(texts.hardware);
  command.options.captions = kCaptions.at(texts.captions);
  const Size& size = kSizes.at(texts.size);
  command.options.width_px = size.width_px;
  command.options.height_px = size.height_px;
  if (!texts.formats.empty()) command.options.formats = Formats();
  for (const std::string& name : texts.formats) {
    if (const auto format = format_from_text(name)) command.options.formats.add(*format);
  }
  if (command.worker || command.probe || command.watch_gpus_seconds > 0) return;
  if (command.input.empty()) throw CLI::RequiredError("INPUT");
  if (command.output_directory.empty()) throw CLI::RequiredError("--output");
}

}  // namespace

ParsedCommandLine parse_command_line(int count, const char* const* arguments) {
  ParsedCommandLine parsed;
  CLI::App app(kAbout, "vivid-render");
  Texts texts;
  try {
    add_options(app, parsed.command, texts);
    parse(app, count, arguments, parsed.command, texts);
  } catch (const CLI::Error& error) {
    parsed.exit_code = app.exit(error) == 0 ? kExitOk : kExitUsage;
  }
  return parsed;
}

}  // namespace vivid::render
