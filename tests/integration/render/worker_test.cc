#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <optional>
#include <set>
#include <sstream>

#include "base/files.h"
#include "render/protocol/messages.h"
#include "tests/integration/render/lesson.h"
#include "tests/support/render/child.h"
#include "tests/support/render/synthetic.h"

namespace vivid::render::testing_support {
namespace {

// vivid-render --worker, and this end of its socket.
class RunningWorker {
 public:
  explicit RunningWorker(const synthetic::Folder& folder) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) std::abort();
    socket_ = UniqueFd(ends[0]);
    const UniqueFd theirs(ends[1]);
    child_.emplace(std::vector<std::string>{std::string(VIVID_BINARY_DIR) + "/bin/vivid-render", "--worker"},
                   folder.path(), theirs.get());
  }
  void send(const Task& task) {
    const std::string line = encode(task) + "\n";
    ASSERT_EQ(::send(socket_.get(), line.data(), line.size(), MSG_NOSIGNAL), static_cast<ssize_t>(line.size()));
  }
  // Nothing: the worker has closed its end, or says nothing for a minute.
  std::optional<WorkerMessage> receive() {
    for (;;) {
      if (const auto newline = buffer_.find('\n'); newline != std::string::npos) {
        auto message = decode_worker_message(buffer_.substr(0, newline));
        buffer_.erase(0, newline + 1);
        EXPECT_TRUE(message.has_value());
        return message.has_value() ? std::optional(*message) : std::nullopt;
      }
      pollfd waiting{socket_.get(), POLLIN, 0};
      if (::poll(&waiting, 1, 60'000) <= 0) return std::nullopt;
      std::array<char, 4096> piece{};
      const ssize_t count = ::recv(socket_.get(), piece.data(), piece.size(), 0);
      if (count <= 0) return std::nullopt;
      buffer_.append(piece.data(), static_cast<std::size_t>(count));
    }
  }
  // Passes over progress.
  std::optional<WorkerMessage> answer(int* progress_lines = nullptr) {
    for (;;) {
      auto message = receive();
      if (!message.has_value() || !std::holds_alternative<Progress>(*message)) return message;
      if (progress_lines != nullptr) ++*progress_lines;
    }
  }
  void close() { socket_.reset(); }
  Child& child() { return *child_; }

 private:
  UniqueFd socket_;
  std::optional<Child> child_;
  std::string buffer_;
};

Task task_for(const synthetic::Folder& folder, std::string_view stage, const char* lesson) {
  Task task;
  task.job = "job";
  task.correlation_id = "correlation";
  task.stage = std::string(stage);
  task.work_directory = folder.path() / "work";
  task.input = lesson;
  task.options.width_px = 1280;
  task.options.height_px = 720;
  task.options.preset = "ultrafast";
  task.options.hardware = HardwareMode::never;
  std::filesystem::create_directories(task.work_directory);
  return task;
}

std::set<std::string> names_of(const StageResult& result) {
  std::set<std::string> names;
  for (const ProducedFile& file : result.files) names.insert(file.name);
  return names;
}

// Takes minutes on any machine, so that there is something to interrupt.
Task slow_video_task(const synthetic::Folder& folder) {
  Task task = task_for(folder, kStageVideoGeneration, kLongLesson);
  task.options.width_px = 1920;
  task.options.height_px = 1080;
  task.options.preset = "veryslow";
  task.options.hold_still_frames = false;
  return task;
}

TEST(Worker, SaysHelloWithTheEncodersThatOpen) {
  const synthetic::Folder folder;
  RunningWorker worker(folder);
  const auto message = worker.receive();
  ASSERT_TRUE(message.has_value());
  const auto& hello = std::get<Hello>(*message);
  EXPECT_EQ(hello.pid, worker.child().pid());
  EXPECT_EQ(hello.version, VIVID_VERSION);
  EXPECT_NE(std::find(hello.encoders.begin(), hello.encoders.end(), "libx264"), hello.encoders.end());
  worker.close();
  EXPECT_EQ(worker.child().wait().exit_code, 0);
}

TEST(Worker, RunsTheStagesOneAfterAnother) {
  const synthetic::Folder folder;
  RunningWorker worker(folder);
  ASSERT_TRUE(worker.receive().has_value());
  const std::vector<std::pair<std::string_view, std::set<std::string>>> wanted{
      {kStageAudioSynthesis, {"narration.wav", "narration.json", "sound.json", "narration.m4a"}},
      {kStageImageGeneration, {}},
      {kStageVideoGeneration, {"video.mp4"}},
      {kStageFormatConversion,
       {"captions.vtt", "captions.srt", "text.md", "thumbnail.jpg", "poster.jpg", "thumbnails/scene-01.jpg",
        "thumbnails/scene-02.jpg", "manifest.json"}}};
  for (const auto& [stage, files] : wanted) {
    worker.send(task_for(folder, stage, kLesson));
    int progress_lines = 0;
    const auto message = worker.answer(&progress_lines);
    ASSERT_TRUE(message.has_value() && std::holds_alternative<StageResult>(*message)) << stage;
    const auto& result = std::get<StageResult>(*message);
    EXPECT_EQ(names_of(result), files) << stage;
    EXPECT_FALSE(result.steps.empty()) << stage;
    EXPECT_EQ(result.title, "Fuerzas") << stage;
    EXPECT_EQ(result.language, "es") << stage;
    EXPECT_EQ(result.gpu_seconds, 0.0) << stage;
    if (stage == kStageVideoGeneration) {
      EXPECT_EQ(result.encoder, "libx264");
      EXPECT_GT(result.frames, 60);
      EXPECT_GE(progress_lines, 1);
    }
  }
}

// User and system time of every thread of the process, those that have ended too.
double cpu_seconds_of(pid_t pid) {
  const std::string stat = slurp("/proc/" + std::to_string(pid) + "/stat");
  std::istringstream fields(stat.substr(stat.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0.0;
  double system = 0.0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

TEST(Worker, CountsTheTimeOfAllItsThreads) {
  const synthetic::Folder folder;
  RunningWorker worker(folder);
  ASSERT_TRUE(worker.receive().has_value());
  const pid_t pid = worker.child().pid();
  worker.send(task_for(folder, kStageAudioSynthesis, kLesson));
  ASSERT_TRUE(worker.answer().has_value());
  Task task = task_for(folder, kStageVideoGeneration, kLesson);
  task.options.preset = "medium";
  task.options.encoder_threads = 4;
  task.options.hold_still_frames = false;
  const double before = cpu_seconds_of(pid);
  worker.send(task);
  const auto message = worker.answer();
  ASSERT_TRUE(message.has_value() && std::holds_alternative<StageResult>(*message));
  const auto& result = std::get<StageResult>(*message);
  const double used = cpu_seconds_of(pid) - before;
  EXPECT_GT(used, 0.2);
  // The kernel tells it in hundredths of a second.
  EXPECT_NEAR(result.cpu_seconds, used, 0.05 + used * 0.05);
}

TEST(Worker, RefusesATextSizeThatCannotBe) {
  const synthetic::Folder folder;
  RunningWorker worker(folder);
  ASSERT_TRUE(worker.receive().has_value());
  Task task = task_for(folder, kStageImageGeneration, kLesson);
  task.options.font_scale = 2.5;
  worker.send(task);
  const auto message = worker.answer();
  ASSERT_TRUE(message.has_value() && std::holds_alternative<Failure>(*message));
  EXPECT_EQ(std::get<Failure>(*message).error.code, ErrorCode::invalid_input);
  EXPECT_EQ(std::get<Failure>(*message).error.message, "font_scale is 2.5, allowed: 0.75 to 2");
}

TEST(Worker, ConvertsWhatIsThereWhenNoVideoWasWanted) {
  const synthetic::Folder folder;
  RunningWorker worker(folder);
  ASSERT_TRUE(worker.receive().has_value());
  worker.send(task_for(folder, kStageAudioSynthesis, kLesson));
  ASSERT_TRUE(worker.answer().has_value());
  worker.send(task_for(folder, kStageFormatConversion, kLesson));
  const auto message = worker.answer();
  ASSERT_TRUE(message.has_value() && std::holds_alternative<StageResult>(*message));
  EXPECT_EQ(names_of(std::get<StageResult>(*message)),
            (std::set<std::string>{"captions.vtt", "captions.srt", "text.md", "manifest.json"}));
}

TEST(Worker, AnswersABadInputAndGoesOn) {
  const synthetic::Folder folder;
  RunningWorker worker(folder);
  ASSERT_TRUE(worker.receive().has_value());
  worker.send(task_for(folder, kStageAudioSynthesis, "no object here"));
  auto message = worker.answer();
  ASSERT_TRUE(message.has_value() && std::holds_alternative<Failure>(*message));
  EXPECT_EQ(std::get<Failure>(*message).error.code, ErrorCode::invalid_input);
  worker.send(task_for(folder, "interpretive_dance", kLesson));
  message = worker.answer();
  ASSERT_TRUE(message.has_value() && std::holds_alternative<Failure>(*message));
  EXPECT_EQ(std::get<Failure>(*message).error.code, ErrorCode::unsupported);
  worker.send(task_for(folder, kStageImageGeneration, kLesson));
  message = worker.answer();
  EXPECT_TRUE(message.has_value() && std::holds_alternative<StageResult>(*message));
}

TEST(Worker, EndsSoonOnSigtermWithoutAFinishedLookingFile) {
  const synthetic::Folder folder;
  RunningWorker worker(folder);
  ASSERT_TRUE(worker.receive().has_value());
  worker.send(task_for(folder, kStageAudioSynthesis, kLongLesson));
  ASSERT_TRUE(worker.answer().has_value());
  worker.send(slow_video_task(folder));
  ASSERT_TRUE(worker.receive().has_value());  // the first progress: it has begun
  worker.child().signal(SIGTERM);
  const auto message = worker.answer();
  ASSERT_TRUE(message.has_value() && std::holds_alternative<Failure>(*message));
  EXPECT_EQ(std::get<Failure>(*message).error.code, ErrorCode::cancelled);
  EXPECT_FALSE(std::get<Failure>(*message).steps.empty());
  EXPECT_EQ(worker.child().wait().exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "work/video.mp4"));
}

TEST(Worker, EndsOnSigtermWhileItWaits) {
  const synthetic::Folder folder;
  RunningWorker worker(folder);
  ASSERT_TRUE(worker.receive().has_value());
  worker.child().signal(SIGTERM);
  EXPECT_EQ(worker.child().wait().exit_code, 0);
}

TEST(Worker, LeavesNoFinishedLookingFileWhenItIsKilled) {
  const synthetic::Folder folder;
  RunningWorker worker(folder);
  ASSERT_TRUE(worker.receive().has_value());
  worker.send(task_for(folder, kStageAudioSynthesis, kLongLesson));
  ASSERT_TRUE(worker.answer().has_value());
  worker.send(slow_video_task(folder));
  ASSERT_TRUE(worker.receive().has_value());
  worker.child().signal(SIGKILL);
  EXPECT_EQ(worker.child().wait().exit_code, 128 + SIGKILL);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "work/video.mp4"));
  // Another takes over where it was and succeeds.
  RunningWorker next(folder);
  ASSERT_TRUE(next.receive().has_value());
  next.send(task_for(folder, kStageVideoGeneration, kLongLesson));
  const auto message = next.answer();
  EXPECT_TRUE(message.has_value() && std::holds_alternative<StageResult>(*message));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "work/.unfinished-video.mp4"));
}

}  // namespace
}  // namespace vivid::render::testing_support
