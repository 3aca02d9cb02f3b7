#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "config/config.h"
#include "config/problems.h"
#include "tests/support/temporary_folder.h"

namespace vivid::config {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

Environment variables(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
    const auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    return found->second;
  };
}

Result<Config> load_yaml(std::string_view yaml, std::map<std::string, std::string> values = {}) {
  return load_text(yaml, "/etc/vividd/test.yaml", variables(std::move(values)));
}

std::string complaint(std::string_view yaml, std::map<std::string, std::string> values = {}) {
  const auto config = load_yaml(yaml, std::move(values));
  if (config) return "accepted";
  EXPECT_EQ(config.error().code, ErrorCode::invalid_input);
  return config.error().message;
}

TEST(Load, AnnotatedFileIsTheDefaults) {
  const auto from_file = load_yaml(default_yaml());
  ASSERT_TRUE(from_file) << from_file.error().message;
  const auto defaults = load(std::nullopt, variables({}));
  ASSERT_TRUE(defaults) << defaults.error().message;
  EXPECT_THAT(changed_keys(*from_file, *defaults), testing::IsEmpty());
}

TEST(Load, NothingAtAllGivesDefaultsWithPathsBelowTheStateDirectory) {
  const auto config = load_yaml("");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->queue.path, "/var/lib/vividd/queue.db");
  EXPECT_EQ(config->paths.spool, "/var/lib/vividd/spool");
  EXPECT_EQ(config->storage.directory, "/var/lib/vividd/objects");
  EXPECT_EQ(config->control.socket, "/var/lib/vividd/control.sock");
  EXPECT_EQ(config->paths.worker, "");
  EXPECT_EQ(config->stages.video_generation.start_to_close, seconds(600));
}

TEST(Load, ReadsEveryTypeOfValue) {
  const auto config = load_yaml(R"(
host: {environment: prod}
queue: {max_waiting_jobs: 5000}
stages:
  video_generation: {start_to_close: 1m30s, silence: 2500ms}
workers: {max_memory: 1.5GiB}
notify: {command: [/usr/bin/tell, "--now", ""]}
control: {mode: 0600}
http: {enabled: false}
cost: {video_request: 0.125}
)");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->host.environment, "prod");
  EXPECT_EQ(config->queue.max_waiting_jobs, 5000);
  EXPECT_EQ(config->stages.video_generation.start_to_close, milliseconds(90'000));
  EXPECT_EQ(config->stages.video_generation.silence, milliseconds(2500));
  EXPECT_EQ(config->workers.max_memory_bytes, 1536ULL << 20);
  EXPECT_THAT(config->notify.command, testing::ElementsAre("/usr/bin/tell", "--now", ""));
  EXPECT_EQ(config->control.mode, 0600);
  EXPECT_FALSE(config->http.enabled);
  EXPECT_DOUBLE_EQ(config->cost.video_request_usd, 0.125);
}

TEST(Load, EnvironmentWinsOverTheFile) {
  const auto config = load_yaml("http: {port: 1000}\nlog: {level: debug}\n",
                                {{"VIVIDD_HTTP_PORT", "2000"},
                                 {"VIVIDD_STAGES_VIDEO_GENERATION_SILENCE", "7s"},
                                 {"VIVIDD_NOTIFY_COMMAND", R"(["/bin/tell", "two words"])"}});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->http.port, 2000);
  EXPECT_EQ(config->log.level, "debug");
  EXPECT_EQ(config->stages.video_generation.silence, seconds(7));
  EXPECT_THAT(config->notify.command, testing::ElementsAre("/bin/tell", "two words"));
}

TEST(Load, BadVariableIsNamed) {
  EXPECT_EQ(complaint("", {{"VIVIDD_HTTP_PORT", "99999"}}),
            "VIVIDD_HTTP_PORT: http.port: '99999' is out of range; allowed: 0 to 65535");
  EXPECT_THAT(complaint("", {{"VIVIDD_NOTIFY_COMMAND", "[1, "}}), HasSubstr("VIVIDD_NOTIFY_COMMAND: notify.command: "));
}

TEST(Load, EveryProblemIsReportedAtOnceWithItsLine) {
  EXPECT_EQ(
      complaint("http:\n"
                "  port: 70000\n"
                "  prot: 80\n"
                "queue:\n"
                "  retry_initial: 5\n"
                "  max_crashes: many\n"
                "log: {level: loud}\n"
                "colour: red\n"),
      "/etc/vividd/test.yaml:2: http.port: '70000' is out of range; allowed: 0 to 65535\n"
      "/etc/vividd/test.yaml:3: http.prot: no such option; did you mean http.port?\n"
      "/etc/vividd/test.yaml:5: queue.retry_initial: '5' is not a duration such as 90s, 1m30s or 250ms; allowed: "
      "1ms to 1h\n"
      "/etc/vividd/test.yaml:6: queue.max_crashes: 'many' is not a whole number; allowed: 1 to 100\n"
      "/etc/vividd/test.yaml:7: log.level: 'loud' is not one of the choices; allowed: debug, info, warning, "
      "error\n"
      "/etc/vividd/test.yaml:8: colour: no such option; allowed: host, paths, queue, stages, lanes, workers, "
      "render, gpu, formats, storage, google, notify, admission, control, http, log, shutdown, cost, central, prices");
}

TEST(Load, ProblemsOfFileAndEnvironmentComeTogether) {
  const std::string text = complaint("render: {crf: 99}\n", {{"VIVIDD_LOG_FORMAT", "xml"}});
  EXPECT_THAT(text, HasSubstr("test.yaml:1: render.crf: "));
  EXPECT_THAT(text, HasSubstr("\nVIVIDD_LOG_FORMAT: log.format: "));
}

std::string complaint_about(const std::vector<std::string>& set) {
  const auto config = load_text("", "/etc/vividd/test.yaml", variables({}), set);
  return config ? "accepted" : config.error().message;
}

TEST(Load, UnknownVariablesAreRefused) {
  EXPECT_EQ(complaint_about({"VIVIDD_RENDER_WIDTH_PX"}),
            "environment: VIVIDD_RENDER_WIDTH_PX: no such option; did you mean VIVIDD_RENDER_WIDTH?");
  EXPECT_THAT(complaint_about({"VIVIDD_UTTERLY_DIFFERENT_THING"}), HasSubstr("no such option; allowed: "));
}

TEST(Load, VariablesOfOthersAndMarksOfTheDaemonAreLeftAlone) {
  EXPECT_EQ(complaint_about({"PATH", "VIVID_X", "VIVIDD_HTTP_PORT", "VIVIDD_STATE_DIRECTORY", "VIVIDD_JOB"}),
            "accepted");
}

TEST(Load, LimitsAreHeldTogetherDespiteOtherMistakes) {
  const std::string text = complaint("render: {crf: 99}\nqueue: {retry_initial: 10m}\n");
  EXPECT_THAT(text, HasSubstr("render.crf: "));
  EXPECT_THAT(text, HasSubstr("at most queue.retry_maximum"));
}

TEST(Load, RefusedOrMisspeltValueIsNotBlamedForNotFitting) {
  EXPECT_THAT(complaint("queue: {retry_initial: 10m, retry_maximum: never}\n"),
              Not(HasSubstr("at most queue.retry_maximum")));
  EXPECT_THAT(complaint("queue: {retry_initial: 10m, retry_maximun: 20m}\n"),
              Not(HasSubstr("at most queue.retry_maximum")));
  EXPECT_THAT(complaint("queue: {retry_maximum: 20m\n", {{"VIVIDD_QUEUE_RETRY_INITIAL", "10m"}}),
              Not(HasSubstr("at most queue.retry_maximum")));
}

TEST(Load, OptionInTheWrongSectionIsFound) {
  EXPECT_THAT(complaint("spool: /tmp\n"), HasSubstr("did you mean paths.spool?"));
  EXPECT_THAT(complaint("queues: {path: /tmp/q}\n"), HasSubstr("did you mean queue?"));
}

TEST(Load, DuplicateKeyIsRefused) {
  EXPECT_EQ(complaint("http:\n  port: 1\n  port: 2\n"),
            "/etc/vividd/test.yaml:3: http.port: is given twice, first in line 2; allowed: once");
  EXPECT_THAT(complaint("http: {}\nlog: {}\nhttp: {}\n"), HasSubstr(":3: http: is given twice"));
}

TEST(Load, WrongShapesAreRefused) {
  EXPECT_THAT(complaint("- a\n- b\n"), HasSubstr("is not a map; allowed: sections host, paths"));
  EXPECT_THAT(complaint("just text\n"), HasSubstr("is not a map"));
  EXPECT_THAT(complaint("http: 80\n"), HasSubstr("http: is a section, not a value; allowed: enabled, address, port"));
  EXPECT_THAT(complaint("http: {port: [80]}\n"), HasSubstr("http.port: is a list; allowed: 0 to 65535"));
  EXPECT_THAT(complaint("http: {port: {a: 1}}\n"), HasSubstr("http.port: is a map"));
  EXPECT_THAT(complaint("http:\n  port:\n"), HasSubstr("http.port: has no value"));
  EXPECT_THAT(complaint("notify: {command: [[a]]}\n"), HasSubstr("item that is not text"));
  EXPECT_THAT(complaint("[a, b]: c\n"), HasSubstr("a key is not text"));
}

TEST(Load, EmptySectionAndEmptyTextAreFine) {
  const auto config = load_yaml("http:\nrender:\n  watermark:\nnotify:\n  command: []\n");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_TRUE(config->notify.command.empty());
}

TEST(Load, ValuesThatMeanSomethingElseAreRefused) {
  EXPECT_THAT(complaint("control: {mode: 660}\n"), HasSubstr("'660' is not an octal file mode; allowed: 0600 to 0777"));
  EXPECT_THAT(complaint("control: {mode: '0066'}\n"), HasSubstr("out of range"));
  EXPECT_THAT(complaint("http: {enabled: yes}\n"), HasSubstr("'yes' is neither true nor false; allowed: true, false"));
  EXPECT_THAT(complaint("http: {address: localhost}\n"), HasSubstr("allowed: an IPv4 address"));
  EXPECT_THAT(complaint("http: {address: '::1'}\n"), HasSubstr("allowed: an IPv4 address"));
  EXPECT_THAT(complaint("storage: {bucket: ../etc}\n"), HasSubstr("storage.bucket: '../etc' is not valid"));
  EXPECT_THAT(complaint("cost: {text_request: nan}\n"), HasSubstr("is not a number"));
  EXPECT_THAT(complaint("cost: {text_request: -1}\n"), HasSubstr("out of range; allowed: 0 to 1000"));
  EXPECT_THAT(complaint("lanes: {render: 0}\n"), HasSubstr("allowed: 1 to 64"));
  EXPECT_THAT(complaint("queue: {max_crashes: 99999999999}\n"), HasSubstr("out of range"));
  EXPECT_THAT(complaint("workers: {max_memory: 1MiB}\n"), HasSubstr("allowed: 64MiB to 16TiB"));
  EXPECT_THAT(complaint("host: {environment: ''}\n"), HasSubstr("allowed: dev, staging, prod"));
  EXPECT_THAT(complaint("paths: {state_directory: ''}\n"), HasSubstr("is empty; allowed: a path"));
  EXPECT_THAT(complaint("host: {name: \"a\\nb\"}\n"), HasSubstr("has control characters"));
  EXPECT_THAT(complaint("", {{"VIVIDD_HOST_NAME", "\xff\xfe"}}), HasSubstr(" is not UTF-8"));
}

TEST(Load, LimitsMustFitOneAnother) {
  EXPECT_EQ(complaint("stages:\n  validation:\n    silence: 40s\n"),
            "/etc/vividd/test.yaml:3: stages.validation.silence: 40s does not fit stages.validation.start_to_close "
            "(30s); allowed: at most start_to_close");
  EXPECT_THAT(complaint("stages: {validation: {start_to_close: 10s}}\n"), HasSubstr("stages.validation.silence: 30s"));
  EXPECT_THAT(complaint("workers: {grace: 30s}\n"), HasSubstr("allowed: less than shutdown.drain_limit"));
  EXPECT_THAT(complaint("", {{"VIVIDD_SHUTDOWN_DRAIN_LIMIT", "1s"}}),
              HasSubstr("VIVIDD_SHUTDOWN_DRAIN_LIMIT: workers.grace: "));
  EXPECT_THAT(complaint("queue: {retry_initial: 10m}\n"), HasSubstr("at most queue.retry_maximum"));
  EXPECT_THAT(complaint("render: {width: 1281}\n"), HasSubstr("render.width: 1281 is odd"));
  EXPECT_THAT(complaint("render: {encoder: libx264, hardware: required}\n"), HasSubstr("does not fit render.hardware"));
  EXPECT_THAT(complaint("render: {encoder: h264_nvenc, hardware: never}\n"), HasSubstr("does not fit render.hardware"));
  EXPECT_THAT(complaint("notify: {command: ['']}\n"), HasSubstr("begins with an empty text"));
  EXPECT_THAT(complaint("paths: {spool: /a}\nstorage: {directory: /a}\n"), HasSubstr("allowed: a path of its own"));
  EXPECT_THAT(complaint("control: {socket: /" + std::string(107, 's') + "}\n"), HasSubstr("at most 107 bytes"));
}

TEST(Load, RelativePathsAreOfTheFilesFolder) {
  const auto config = load_yaml("paths: {state_directory: ../state, assets: pictures}\n");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->paths.state_directory, "/etc/state");
  EXPECT_EQ(config->paths.assets, "/etc/vividd/pictures");
  EXPECT_EQ(config->queue.path, "/etc/state/queue.db");
}

TEST(Load, TricksOfYamlAreRefused) {
  EXPECT_THAT(complaint("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"), HasSubstr(":2: an alias (*name) is used"));
  EXPECT_THAT(complaint("http: {port: 1}\n---\nhttp: {port: 2}\n"), HasSubstr("a second document begins here"));
  EXPECT_THAT(complaint(std::string(9, '[') + std::string(9, ']')), HasSubstr("nested too deeply; allowed: 8 levels"));
  EXPECT_THAT(complaint(std::string(100'000, '[')), HasSubstr("/etc/vividd/test.yaml:1: "));
  EXPECT_THAT(complaint(std::string(100'000, '{')), HasSubstr("/etc/vividd/test.yaml:1: "));
  EXPECT_THAT(complaint("# " + std::string(300'000, 'x')), HasSubstr("more than the allowed 262144 bytes"));
  EXPECT_THAT(complaint("http: {port: 1\n"), HasSubstr("not readable as YAML"));
  EXPECT_THAT(complaint("http:\n\t port: 1\n"), HasSubstr("not readable as YAML"));
}

TEST(Load, ManyProblemsAreCountedNotListed) {
  std::string yaml;
  for (int i = 0; i < 150; ++i) yaml += "unknown_option_" + std::to_string(i) + ": 1\n";
  EXPECT_THAT(complaint(yaml), testing::EndsWith("\nand 50 more"));
}

TEST(Load, LongValueIsCutInTheMessage) {
  const std::string text = complaint("log: {level: " + std::string(3000, 'x') + "}\n");
  EXPECT_LT(text.size(), 300U);
}

TEST(Load, MissingFileSaysSo) {
  const auto config = load(std::filesystem::path("/nonexistent/vividd.yaml"), variables({}));
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, ErrorCode::not_found);
  EXPECT_THAT(config.error().message, HasSubstr("/nonexistent/vividd.yaml"));
}

TEST(Load, ReadsTheFileItIsGiven) {
  const test::TemporaryFolder folder;
  const std::filesystem::path path = folder / "vividd.yaml";
  std::ofstream(path) << "paths: {spool: here}\n";
  const auto config = load(path, variables({}));
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->paths.spool, path.parent_path() / "here");
}

TEST(Print, EffectiveConfigurationLoadsBackUnchanged) {
  const auto config = load_yaml(R"(
host: {name: "quote \" backslash \\ ünïcode"}
stages: {validation: {start_to_close: 1234567ms}}
workers: {max_memory: 123456789}
cost: {video_request: 0.1}
notify: {command: [a, "b, c", "[d]"]}
control: {mode: 0666}
)");
  ASSERT_TRUE(config) << config.error().message;
  const auto again = load_yaml(to_yaml(*config));
  ASSERT_TRUE(again) << again.error().message << "\n" << to_yaml(*config);
  EXPECT_THAT(changed_keys(*config, *again), testing::IsEmpty());
}

TEST(Print, ChangedKeysNamesWhatDiffers) {
  const auto before = load_yaml("");
  const auto after = load_yaml("log: {level: debug}\nstages: {notification: {max_attempts: 9}}\n");
  ASSERT_TRUE(before && after);
  EXPECT_THAT(changed_keys(*before, *after), testing::ElementsAre("stages.notification.max_attempts", "log.level"));
}

}  // namespace
}  // namespace vivid::config
