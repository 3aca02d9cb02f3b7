// The media stages. Each is one function over a work directory: it reads what earlier stages left there, puts its own
// results beside it, and each of these appears under its name only when it is whole. The command line runs them one
// after another; a worker runs the one it is told to.
//
// Threads: a StageEnvironment belongs to one thread. Errors: those of parsing, speech, composing and encoding;
// cancelled when cancelled() says so; unsupported for a stage that is not one of these.
#pragma once

#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/error.h"
#include "render/protocol/messages.h"
#include "render/speech/narration.h"

namespace vivid::render {
namespace cuda {
class Device;
}

// Keeps the voice warm between tasks. There is one engine a process: a new one replaces it.
class VoiceCache {
 public:
  Result<SpeechEngine*> get(const SpeechOptions& options);

 private:
  SpeechOptions options_;
  std::unique_ptr<SpeechEngine> engine_;
};

struct StageEnvironment {
  const Clock& clock;
  // Called often; whoever listens decides how much of it to pass on.
  std::function<void(const Progress&)> report;
  // Asked at every frame and utterance.
  std::function<bool()> cancelled;
  VoiceCache voices;
  // A device failed amid work: what it left in this process is not to be trusted with more.
  bool device_failed = false;
  // Draws frames; opened by the first task that may use one, and kept warm.
  std::shared_ptr<cuda::Device> gpu{};
};

// Whatever the outcome, `result` holds the steps that were begun.
Status run_stage(const Task& task, StageEnvironment& environment, StageResult& result);

}  // namespace vivid::render
