#include "render/vivid_render/local_run.h"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <system_error>
#include <vector>

#include "base/files.h"
#include "base/units.h"
#include "render/storyboard/storyboard.h"
#include "render/vivid_render/interrupt.h"
#include "render/vivid_render/progress_view.h"
#include "render/vivid_render/stages.h"
#include "render/vivid_render/work_files.h"

namespace vivid::render {
namespace {

namespace fs = std::filesystem;

class WorkFolder {
 public:
  static Result<WorkFolder> create(const fs::path& output) {
    std::string name = (output / ".vivid-render-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      return tl::make_unexpected(errno_error(errno, "make a folder in " + output.string()));
    }
    return WorkFolder(name);
  }
  WorkFolder(WorkFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  WorkFolder& operator=(WorkFolder&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
  }
  ~WorkFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  explicit WorkFolder(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

// The folders that a run makes for its results go with it when it leaves nothing in them.
class OutputFolder {
 public:
  static Result<OutputFolder> make(const fs::path& path) {
    OutputFolder folder;
    std::error_code ignored;
    for (fs::path missing = path; missing.has_relative_path() && !fs::exists(missing, ignored);
         missing = missing.parent_path()) {
      folder.made_.push_back(missing);
    }
    VIVID_TRY(make_directories(path));
    return folder;
  }
  OutputFolder(OutputFolder&& other) noexcept : made_(std::exchange(other.made_, {})) {}
  OutputFolder& operator=(OutputFolder&& other) noexcept {
    std::swap(made_, other.made_);
    return *this;
  }
  ~OutputFolder() {
    for (const fs::path& path : made_) {
      // Only empty ones go: the innermost first.
      if (::rmdir(path.c_str()) != 0) break;
    }
  }

 private:
  OutputFolder() = default;
  std::vector<fs::path> made_;
};

Result<std::string> read_standard_input() {
  std::string text;
  std::vector<char> piece(64 * 1024);
  for (;;) {
    const ssize_t count = ::read(STDIN_FILENO, piece.data(), piece.size());
    if (count < 0 && errno == EINTR && interrupted_by() == 0) continue;
    if (count < 0) return tl::make_unexpected(errno_error(errno, "read standard input"));
    if (count == 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(count));
    if (text.size() > kMaxInputBytes) {
      return fail(ErrorCode::too_large, "the input has more than " + format_size(kMaxInputBytes));
    }
  }
}

fs::path without_last_slash(fs::path path) { return path.has_filename() ? path : path.parent_path(); }

Status move_out(const fs::path& from, const fs::path& to, const std::string& name) {
  if (::rename((from / name).c_str(), (to / name).c_str()) != 0) {
    return tl::make_unexpected(errno_error(errno, "put " + (to / name).string() + " in place"));
  }
  return {};
}

// The manifest describes what lies beside it: the old one goes first, the new one comes last.
Result<std::vector<ProducedFile>> deliver(const fs::path& from, const fs::path& to) {
  VIVID_ASSIGN(const auto results, load_results(from));
  ::unlink((to / kManifestJson).c_str());
  std::vector<ProducedFile> delivered;
  for (const auto& [stage, result] : results) {
    for (const ProducedFile& file : result.files) {
      if (!is_for_readers(file)) continue;
      const fs::path folder = (to / file.name).parent_path();
      VIVID_TRY(make_directories(folder));
      VIVID_TRY(move_out(from, to, file.name));
      VIVID_TRY(sync_directory(folder));
      delivered.push_back(file);
    }
  }
  VIVID_TRY(move_out(from, to, kManifestJson));
  VIVID_TRY(sync_directory(to));
  return delivered;
}

ProgressStyle style_of(const CommandLine& command) {
  if (::isatty(STDERR_FILENO) == 1) return ProgressStyle::bar;
  return command.progress ? ProgressStyle::lines : ProgressStyle::none;
}

struct Outcome {
  std::vector<ProducedFile> files;
  std::vector<std::string> warnings;
  std::string manifest;
};

Result<Outcome> render_all(const CommandLine& command, const Clock& clock) {
  Task task;
  task.options = command.options;
  if (command.input == "-") {
    VIVID_ASSIGN(task.input, read_standard_input());
  } else {
    VIVID_ASSIGN(task.input, read_file(command.input, kMaxInputBytes));
  }
  VIVID_ASSIGN(const Storyboard storyboard, parse_storyboard(task.input));
  VIVID_ASSIGN(const OutputFolder output,
               OutputFolder::make(without_last_slash(fs::absolute(command.output_directory).lexically_normal())));
  VIVID_ASSIGN(const WorkFolder work, WorkFolder::create(command.output_directory));
  task.work_directory = work.path();
  ProgressView view(style_of(command), stderr, clock);
  StageEnvironment environment{clock, [&view](const Progress& progress) { view.show(progress); },
                               [] { return interrupted_by() != 0; }, VoiceCache()};
  Outcome outcome;
  outcome.warnings = storyboard.warnings;
  for (const std::string_view stage :
       {kStageAudioSynthesis, kStageImageGeneration, kStageVideoGeneration, kStageFormatConversion}) {
    task.stage = std::string(stage);
    view.begin_stage(task.stage);
    StageResult result;
    VIVID_TRY(run_stage(task, environment, result));
    for (const std::string& warning : result.warnings) {
      if (std::find(outcome.warnings.begin(), outcome.warnings.end(), warning) == outcome.warnings.end()) {
        outcome.warnings.push_back(warning);
      }
    }
  }
  view.end_stage();
  VIVID_ASSIGN(outcome.files, deliver(work.path(), command.output_directory));
  VIVID_ASSIGN(outcome.manifest, read_file(command.output_directory / kManifestJson, kMaxMessageBytes));
  return outcome;
}

int exit_code_of(const Error& error) {
  if (interrupted_by() != 0) return kExitInterrupted;
  return disposition_of(error.code) == Disposition::fail ? kExitPermanent : kExitTransient;
}

}  // namespace

int run_locally(const CommandLine& command, const Clock& clock) {
  const Result<Outcome> outcome = render_all(command, clock);
  if (!outcome.has_value()) {
    std::cerr << "vivid-render: " << outcome.error().describe() << "\n";
    return exit_code_of(outcome.error());
  }
  for (const std::string& warning : outcome->warnings) std::cerr << "warning: " << warning << "\n";
  if (command.json) {
    std::cout << outcome->manifest;
  } else {
    for (const ProducedFile& file : outcome->files) {
      std::cout << (command.output_directory / file.name).string() << "  " << format_size(file.size_bytes) << "\n";
    }
    std::cout << (command.output_directory / kManifestJson).string() << "\n";
  }
  std::cout.flush();
  if (std::cout) return kExitOk;
  std::cerr << "vivid-render: standard output cannot be written\n";
  return kExitTransient;
}

}  // namespace vivid::render
