#include "tests/support/nvidia/control.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

namespace vivid::stand_in {
namespace {

[[noreturn]] void give_up(const std::string& line) {
  std::fprintf(stderr, "stand-in driver: cannot read '%s'\n", line.c_str());
  std::abort();
}

void set(Settings& settings, const std::string& key, const std::string& value, const std::string& line) {
  const std::map<std::string, std::string*> texts{
      {"name", &settings.name}, {"driver", &settings.driver}, {"codecs", &settings.codecs}};
  const std::map<std::string, int*> numbers{
      {"gpus", &settings.gpus},
      {"cuda_version", &settings.cuda_version},
      {"nvenc_major", &settings.nvenc_major},
      {"nvenc_minor", &settings.nvenc_minor},
      {"compute_major", &settings.compute_major},
      {"compute_minor", &settings.compute_minor},
      {"engines", &settings.engines},
      {"max_width", &settings.max_width},
      {"max_height", &settings.max_height},
      {"sessions_per_gpu", &settings.sessions_per_gpu},
      {"sessions_per_system", &settings.sessions_per_system},
      {"others_sessions", &settings.others_sessions},
      {"refuse_code", &settings.refuse_code},
      {"temperature", &settings.temperature},
  };
  if (const auto text = texts.find(key); text != texts.end()) {
    *text->second = value;
  } else if (const auto number = numbers.find(key); number != numbers.end()) {
    *number->second = std::stoi(value);
  } else if (key == "throttle_reasons") {
    settings.throttle_reasons = std::stoll(value);
  } else {
    give_up(line);
  }
}

Rule parse_rule(const std::string& action, std::istringstream& words, const std::string& line) {
  Rule rule;
  words >> rule.function;
  if (action == "error") {
    rule.action = Rule::Action::error;
    if (!(words >> rule.code)) give_up(line);
  } else if (action == "stall") {
    rule.action = Rule::Action::stall;
  } else if (action == "crash") {
    rule.action = Rule::Action::crash;
  } else if (action == "lose") {
    rule.action = Rule::Action::lose;
  } else {
    give_up(line);
  }
  std::string condition;
  while (words >> condition) {
    long number = 0;
    if (!(words >> number)) give_up(line);
    if (condition == "on") {
      rule.on = number;
    } else if (condition == "from") {
      rule.from = number;
    } else if (condition == "gpu") {
      rule.gpu = static_cast<int>(number);
    } else {
      give_up(line);
    }
  }
  return rule;
}

void parse_line(const std::string& line, Control& control) {
  std::istringstream words(line);
  std::string first;
  if (!(words >> first) || first.starts_with('#')) return;
  if (first != "set") {
    control.rules.push_back(parse_rule(first, words, line));
    return;
  }
  std::string key, value;
  words >> key >> std::ws;
  std::getline(words, value);
  if (value.empty()) give_up(line);
  set(control.settings, key, value, line);
}

// How often the function was called, this call included, by whatever process.
long count_call(const std::string& name) {
  const int file = ::open((*folder() / ("count-" + name)).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0660);
  if (file < 0) give_up("count-" + name);
  ::flock(file, LOCK_EX);
  long count = 0;
  if (::pread(file, &count, sizeof(count), 0) < 0) give_up("count-" + name);
  ++count;
  if (::pwrite(file, &count, sizeof(count), 0) < 0) give_up("count-" + name);
  ::close(file);
  return count;
}

bool applies(const Rule& rule, long count, int gpu) {
  if (rule.gpu && *rule.gpu != gpu) return false;
  if (rule.on && *rule.on != count) return false;
  return !rule.from || count >= *rule.from;
}

std::filesystem::path lost_mark(int gpu) { return *folder() / ("lost-" + std::to_string(gpu)); }

std::optional<int> carry_out(const Rule& rule, int gpu, int lost_code) {
  const std::string where = rule.function + " gpu=" + std::to_string(gpu);
  switch (rule.action) {
    case Rule::Action::stall:
      say("stall " + where);
      for (;;) ::pause();
    case Rule::Action::crash:
      say("crash " + where);
      ::signal(SIGSEGV, SIG_DFL);
      ::raise(SIGSEGV);
      std::abort();
    case Rule::Action::lose:
      say("lose " + where);
      std::ofstream(lost_mark(gpu)) << "lost\n";
      return lost_code;
    case Rule::Action::error:
      break;
  }
  say("error " + where + " code=" + std::to_string(rule.code));
  return rule.code;
}

}  // namespace

const std::filesystem::path* folder() {
  static const std::optional<std::filesystem::path> path = []() -> std::optional<std::filesystem::path> {
    const char* value = std::getenv("VIVID_STAND_IN_DRIVER");
    if (value == nullptr || *value == '\0') return std::nullopt;
    return value;
  }();
  return path ? &*path : nullptr;
}

Control read_control() {
  Control control;
  if (folder() == nullptr) return control;
  std::ifstream file(*folder() / "control");
  std::string line;
  while (std::getline(file, line)) parse_line(line, control);
  return control;
}

void say(const std::string& line) {
  if (folder() == nullptr) return;
  const int file = ::open((*folder() / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0660);
  if (file < 0) give_up("log");
  const std::string text = "pid=" + std::to_string(::getpid()) + " " + line + "\n";
  if (::write(file, text.data(), text.size()) < 0) give_up("log");
  ::close(file);
}

bool is_lost(int gpu) { return folder() != nullptr && gpu >= 0 && std::filesystem::exists(lost_mark(gpu)); }

std::optional<int> disturb(std::string_view function, int gpu, int lost_code) {
  if (folder() == nullptr) return std::nullopt;
  const std::vector<Rule> rules = read_control().rules;
  const auto about = [&](const Rule& rule) { return rule.function == function; };
  if (std::any_of(rules.begin(), rules.end(), about)) {
    const long count = count_call(std::string(function));
    for (const Rule& rule : rules) {
      if (about(rule) && applies(rule, count, gpu)) return carry_out(rule, gpu, lost_code);
    }
  }
  if (is_lost(gpu)) return lost_code;
  return std::nullopt;
}

}  // namespace vivid::stand_in
