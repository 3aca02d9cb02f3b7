#include "render/protocol/messages.h"

#include <gtest/gtest.h>

#include <limits>

namespace vivid::render {
namespace {

Task sample_task() {
  Task task;
  task.job = "3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a01";
  task.correlation_id = "req \"quoted\"";
  task.stage = kStageVideoGeneration;
  task.attempt = 3;
  task.work_directory = "/var/lib/vividd/spool/ab cd";
  task.input = "{\"title\":\"الماء\\n\"}";
  task.options.width_px = 1280;
  task.options.height_px = 720;
  task.options.frames_per_second = 25;
  task.options.encoder = "h264_nvenc";
  task.options.hardware = HardwareMode::required;
  task.options.preset = "slow";
  task.options.crf = 31;
  task.options.keyframe_seconds = 2;
  task.options.hold_still_frames = false;
  task.options.encoder_threads = 7;
  task.options.nvenc = {"p7", 27, 9'000'000, 3, 5};
  task.options.hardware_refused = "its GPU is put aside";
  task.options.speech = "none";
  task.options.words_per_minute = 140;
  task.options.watermark = "free plan";
  task.options.asset_root = "/srv/assets";
  task.options.scene_images = true;
  task.options.high_contrast = true;
  task.options.progress_line = true;
  task.options.font_scale = 1.35;
  task.options.captions = CaptionMode::burnt_in;
  task.options.language = "pt-BR";
  task.options.voice = "pt-BR-Neural2-A";
  task.options.music = "calm.ogg";
  task.options.audio_descriptions = true;
  task.options.equations = {"/opt/node", "/opt/tex", "/var/cache/tex", std::chrono::milliseconds(1'500)};
  task.options.formats = Formats();
  task.options.formats.add(Format::hls);
  task.options.formats.add(Format::srt);
  return task;
}

template <typename Message>
Message round_trip(const Message& message) {
  const auto decoded = decode_worker_message(encode(WorkerMessage(message)));
  EXPECT_TRUE(decoded.has_value()) << decoded.error().message;
  return std::get<Message>(*decoded);
}

TEST(Messages, TaskSurvivesTheWire) {
  const Task task = sample_task();
  const auto decoded = decode_task(encode(task));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  EXPECT_EQ(decoded->job, task.job);
  EXPECT_EQ(decoded->correlation_id, task.correlation_id);
  EXPECT_EQ(decoded->stage, "video_generation");
  EXPECT_EQ(decoded->attempt, 3);
  EXPECT_EQ(decoded->work_directory, task.work_directory);
  EXPECT_EQ(decoded->input, task.input);
  EXPECT_EQ(decoded->options.width_px, 1280);
  EXPECT_EQ(decoded->options.height_px, 720);
  EXPECT_EQ(decoded->options.frames_per_second, 25);
  EXPECT_EQ(decoded->options.encoder, "h264_nvenc");
  EXPECT_EQ(decoded->options.hardware, HardwareMode::required);
  EXPECT_EQ(decoded->options.preset, "slow");
  EXPECT_EQ(decoded->options.crf, 31);
  EXPECT_EQ(decoded->options.encoder_threads, 7);
  EXPECT_EQ(decoded->options.nvenc.preset, "p7");
  EXPECT_EQ(decoded->options.nvenc.cq, 27);
  EXPECT_EQ(decoded->options.nvenc.max_rate_bps, 9'000'000);
  EXPECT_EQ(decoded->options.nvenc.aq_strength, 3);
  EXPECT_EQ(decoded->options.nvenc.look_ahead, 5);
  EXPECT_EQ(decoded->options.hardware_refused, "its GPU is put aside");
  EXPECT_EQ(decoded->options.speech, "none");
  EXPECT_EQ(decoded->options.words_per_minute, 140);
  EXPECT_EQ(decoded->options.watermark, "free plan");
  EXPECT_EQ(decoded->options.asset_root, "/srv/assets");
  EXPECT_TRUE(decoded->options.scene_images);
  EXPECT_TRUE(decoded->options.high_contrast);
  EXPECT_TRUE(decoded->options.progress_line);
  EXPECT_DOUBLE_EQ(decoded->options.font_scale, 1.35);
  EXPECT_EQ(decoded->options.keyframe_seconds, 2);
  EXPECT_FALSE(decoded->options.hold_still_frames);
  EXPECT_EQ(decoded->options.captions, CaptionMode::burnt_in);
  EXPECT_EQ(decoded->options.language, "pt-BR");
  EXPECT_EQ(decoded->options.voice, "pt-BR-Neural2-A");
  EXPECT_EQ(decoded->options.music, "calm.ogg");
  EXPECT_TRUE(decoded->options.audio_descriptions);
  EXPECT_EQ(decoded->options.equations.command, "/opt/node");
  EXPECT_EQ(decoded->options.equations.package, "/opt/tex");
  EXPECT_EQ(decoded->options.equations.cache, "/var/cache/tex");
  EXPECT_EQ(decoded->options.equations.time_limit, std::chrono::milliseconds(1'500));
  EXPECT_EQ(decoded->options.formats.names(), (std::vector<std::string_view>{"srt", "hls"}));
}

TEST(Messages, TaskOfAPeerWithoutPreferencesHasTheUsualOnes) {
  const auto decoded = decode_task(R"({"type":"task","job":"j","stage":"s","work_directory":"/w",)"
                                   R"("options":{"width_px":1280,"height_px":720,"frames_per_second":30}})");
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  EXPECT_FALSE(decoded->options.high_contrast);
  EXPECT_DOUBLE_EQ(decoded->options.font_scale, 1.0);
  EXPECT_TRUE(decoded->options.hold_still_frames);
  EXPECT_EQ(decoded->options.captions, CaptionMode::track);
  EXPECT_EQ(decoded->options.language, "");
  EXPECT_EQ(decoded->options.voice, "");
  EXPECT_EQ(decoded->options.formats, Formats::usual());
}

TEST(Messages, AreOneLineEach) {
  Task task = sample_task();
  task.input = "line\nbreak\r\n";
  EXPECT_EQ(encode(task).find('\n'), std::string::npos);
}

TEST(Messages, HelloAndProgressSurviveTheWire) {
  const Hello hello = round_trip(Hello{4711, "1.2.3", {"libx264", "h264_nvenc"}});
  EXPECT_EQ(hello.pid, 4711);
  EXPECT_EQ(hello.version, "1.2.3");
  EXPECT_EQ(hello.encoders, (std::vector<std::string>{"libx264", "h264_nvenc"}));
  const Progress progress = round_trip(Progress{0.25, "encode", 30, 120, 61.5});
  EXPECT_DOUBLE_EQ(progress.fraction, 0.25);
  EXPECT_EQ(progress.step, "encode");
  EXPECT_EQ(progress.frames_done, 30);
  EXPECT_EQ(progress.frames_total, 120);
  EXPECT_DOUBLE_EQ(progress.frames_per_second, 61.5);
}

TEST(Messages, RateOverNoTimeIsSentAsZero) {
  const Progress progress = round_trip(
      Progress{std::numeric_limits<double>::quiet_NaN(), "encode", 1, 2, std::numeric_limits<double>::infinity()});
  EXPECT_EQ(progress.fraction, 0.0);
  EXPECT_EQ(progress.frames_per_second, 0.0);
}

TEST(Messages, StageResultIsTheSameOnTheWireAndInTheQueue) {
  StageResult result;
  result.files = {{"video.mp4", "video/mp4", 5'000'000'000ULL, std::string(64, 'a'), "AAAAAA=="}};
  result.steps = {{"layout", std::chrono::microseconds(5), std::chrono::microseconds(70)}};
  result.warnings = {"no such background"};
  result.encoder = "libx264";
  result.fallback_reason = "no device";
  result.hold_problem = "no parameters";
  result.frames_encoded = 17;
  result.media_seconds = 95.5;
  result.frames = 2865;
  result.characters_spoken = 812;
  result.sound = SoundLevels{-23.5, -16.1, -4.0, -1.5, 7.25};
  result.cpu_seconds = 12.25;
  result.gpu_seconds = 3.5;
  result.title = "L'eau";
  result.language = "fr";
  EXPECT_EQ(to_json(result), encode(WorkerMessage(result)));

  const auto kept = stage_result_from_json(to_json(result));
  ASSERT_TRUE(kept.has_value()) << kept.error().message;
  ASSERT_EQ(kept->files.size(), 1U);
  EXPECT_EQ(kept->files[0].name, "video.mp4");
  EXPECT_EQ(kept->files[0].content_type, "video/mp4");
  EXPECT_EQ(kept->files[0].size_bytes, 5'000'000'000ULL);
  EXPECT_EQ(kept->files[0].sha256, std::string(64, 'a'));
  EXPECT_EQ(kept->files[0].crc32c, "AAAAAA==");
  ASSERT_EQ(kept->steps.size(), 1U);
  EXPECT_EQ(kept->steps[0].name, "layout");
  EXPECT_EQ(kept->steps[0].start.count(), 5);
  EXPECT_EQ(kept->steps[0].duration.count(), 70);
  EXPECT_EQ(kept->warnings, result.warnings);
  EXPECT_EQ(kept->encoder, "libx264");
  EXPECT_EQ(kept->fallback_reason, "no device");
  EXPECT_EQ(kept->hold_problem, "no parameters");
  EXPECT_EQ(kept->frames_encoded, 17);
  EXPECT_DOUBLE_EQ(kept->media_seconds, 95.5);
  EXPECT_EQ(kept->frames, 2865);
  EXPECT_EQ(kept->characters_spoken, 812);
  ASSERT_TRUE(kept->sound.has_value());
  EXPECT_EQ(kept->sound->loudness_before_lufs, -23.5);
  EXPECT_EQ(kept->sound->loudness_lufs, -16.1);
  EXPECT_EQ(kept->sound->true_peak_before_dbtp, -4.0);
  EXPECT_EQ(kept->sound->true_peak_dbtp, -1.5);
  EXPECT_EQ(kept->sound->gain_db, 7.25);
  EXPECT_DOUBLE_EQ(kept->cpu_seconds, 12.25);
  EXPECT_DOUBLE_EQ(kept->gpu_seconds, 3.5);
  EXPECT_EQ(kept->title, "L'eau");
  EXPECT_EQ(kept->language, "fr");
}

TEST(Messages, FailureKeepsItsCodeAndTimes) {
  Failure failure;
  failure.error = Error{ErrorCode::resource_exhausted, "no encoder session"};
  failure.steps = {{"encode", std::chrono::microseconds(1), std::chrono::microseconds(2)}};
  const Failure back = round_trip(failure);
  EXPECT_EQ(back.error.code, ErrorCode::resource_exhausted);
  EXPECT_EQ(back.error.message, "no encoder session");
  ASSERT_EQ(back.steps.size(), 1U);
  EXPECT_EQ(back.steps[0].name, "encode");
}

TEST(Messages, BytesThatAreNotUtf8DoNotStopAReport) {
  const Failure back = round_trip(Failure{Error{ErrorCode::io_error, "cannot read \xff\xfe"}, {}});
  EXPECT_NE(back.error.message.find("cannot read"), std::string::npos);
}

TEST(Messages, FieldsOfANewerPeerAreIgnored) {
  const auto decoded = decode_worker_message(R"({"type":"progress","fraction":0.5,"mood":{"deep":[1,2]}})");
  ASSERT_TRUE(decoded.has_value());
  EXPECT_DOUBLE_EQ(std::get<Progress>(*decoded).fraction, 0.5);
}

TEST(Messages, WhatIsNotAMessageIsRefusedWithTheReason) {
  const auto problem = [](std::string_view line) {
    const auto decoded = decode_worker_message(line);
    EXPECT_FALSE(decoded.has_value()) << line;
    return decoded.has_value() ? std::string() : decoded.error().message;
  };
  EXPECT_EQ(problem(""), "message is not JSON");
  EXPECT_EQ(problem("[1]"), "message is not a JSON object");
  EXPECT_EQ(problem("{}"), "message.type is missing");
  EXPECT_EQ(problem(R"({"type":"hallo"})"), "message.type is 'hallo'; allowed: hello, progress, result, failure");
  EXPECT_EQ(problem(R"({"type":"hello","pid":"1","version":""})"), "hello.pid must be an integer, not string");
  EXPECT_EQ(problem(R"({"type":"hello","pid":99999999999,"version":""})"), "hello.pid is out of range");
  EXPECT_EQ(problem(R"({"type":"result","files":[{"name":"a","size_bytes":-1,"sha256":""}]})"),
            "files[].size_bytes is out of range");
  EXPECT_EQ(problem(R"({"type":"result","warnings":[1]})"), "result.warnings must hold strings");
  EXPECT_EQ(problem(R"({"type":"failure","steps":[7],"code":"io_error"})"), "steps[] is not an object");
}

TEST(Messages, FilesOutsideTheWorkDirectoryAreRefused) {
  const auto decode = [](const std::string& name) {
    return decode_worker_message(R"({"type":"result","files":[{"name":")" + name +
                                 R"(","size_bytes":1,"sha256":""}]})");
  };
  for (const char* name :
       {"", "/etc/passwd", "../queue.db", "a/../../b", "a//b", "a/", "./a", "..", "a\\nb", "a\\u007f"}) {
    const auto decoded = decode(name);
    ASSERT_FALSE(decoded.has_value()) << name;
    EXPECT_EQ(decoded.error().message, "files[].name must name a file inside the work directory");
  }
  for (const char* name : {"video.mp4", "scenes/1.jpg", "..a", "a..b"}) {
    EXPECT_TRUE(decode(name).has_value()) << name;
  }
}

TEST(Messages, OverlongLineIsRefusedUnread) {
  const auto decoded = decode_task(std::string(kMaxMessageBytes + 1, ' '));
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().code, ErrorCode::too_large);
}

TEST(Messages, TaskWithoutOptionsOrWithAnUnknownModeIsRefused) {
  const auto missing = decode_task(R"({"type":"task","job":"j","stage":"s","work_directory":"/w"})");
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().message, "task.options is missing");
  std::string line = encode(sample_task());
  line.replace(line.find("\"required\""), 10, "\"perhaps\"");
  const auto unknown = decode_task(line);
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().message, "options.hardware must be required, if_possible or never");
  std::string captions = encode(sample_task());
  captions.replace(captions.find("\"burnt_in\""), 10, "\"burnt\"");
  const auto burnt = decode_task(captions);
  ASSERT_FALSE(burnt.has_value());
  EXPECT_EQ(burnt.error().message, "options.captions must be off, track, shown or burnt_in");
  std::string formats = encode(sample_task());
  formats.replace(formats.find("\"hls\""), 5, "\"gif\"");
  const auto gif = decode_task(formats);
  ASSERT_FALSE(gif.has_value());
  EXPECT_EQ(gif.error().message, "options.formats holds 'gif', which is no format");
}

}  // namespace
}  // namespace vivid::render
