// What a test tells the stand-in driver, and what the driver tells the test, through a folder that all processes share.
//
// The folder is named by VIVID_STAND_IN_DRIVER. Its file `control` is read at every call, so that it can be changed
// while programs run; without a folder there is one healthy GPU. One line each:
//
//   set KEY VALUE                          see Settings
//   error FUNCTION CODE [CONDITIONS]       the call returns CODE
//   stall FUNCTION [CONDITIONS]            the call never returns
//   crash FUNCTION [CONDITIONS]            the process ends with SIGSEGV
//   lose FUNCTION [CONDITIONS]             the call's GPU is lost, for this call and all that follow
//
// CONDITIONS: `on N`: only the Nth call (from 1, of all processes together); `from N`: that and all later ones;
// `gpu I`: only calls for that GPU. The file `log` says what happened, a line each.
//
// Threads: any. Errors: a line that cannot be read ends the process: a test that misspells a fault must not pass.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vivid::stand_in {

struct Settings {
  int gpus = 1;
  std::string name = "Stand-in GPU";
  std::string driver = "550.54.14";
  int cuda_version = 12040;
  int nvenc_major = 12;
  int nvenc_minor = 2;
  int compute_major = 8;
  int compute_minor = 9;
  int engines = 2;
  std::string codecs = "h264,hevc";  // none: an accelerator without an encoder
  int max_width = 4096;
  int max_height = 4096;
  int sessions_per_gpu = 0;     // 0: no limit
  int sessions_per_system = 0;  // 0: no limit
  int others_sessions = 0;      // of each GPU's, held by somebody else
  int refuse_code = 10;         // what one session too many is answered with: 10 or 21
  int temperature = 50;
  long long throttle_reasons = 0;  // as NVML's bits
};

struct Rule {
  enum class Action { error, stall, crash, lose };
  Action action = Action::error;
  std::string function;
  int code = 0;
  std::optional<long> on;
  std::optional<long> from;
  std::optional<int> gpu;
};

struct Control {
  Settings settings;
  std::vector<Rule> rules;
};

// Null without VIVID_STAND_IN_DRIVER.
const std::filesystem::path* folder();
Control read_control();
void say(const std::string& line);

// Does what the rules want of this call. Returns a code to return, or nothing: the call goes on. `lost_code` is what a
// lost GPU makes of it; gpu < 0: the call is about none.
std::optional<int> disturb(std::string_view function, int gpu, int lost_code);
bool is_lost(int gpu);

}  // namespace vivid::stand_in
