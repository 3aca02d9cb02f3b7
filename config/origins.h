// Which line or environment variable gave each option its value, so that a complaint names the place to change.
//
// Threads: one object, one thread.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace vivid::config {

class Origins {
 public:
  explicit Origins(std::string file) : file_(std::move(file)) {}

  void set(const std::string& key, std::string where) { places_[key] = std::move(where); }
  // The place of the first key that was set at all, else the file as a whole.
  const std::string& of(std::string_view key, std::string_view other_key = {}) const {
    for (const std::string_view candidate : {key, other_key}) {
      const auto found = places_.find(candidate);
      if (found != places_.end()) return found->second;
    }
    return file_;
  }

 private:
  std::string file_;
  std::map<std::string, std::string, std::less<>> places_;
};

}  // namespace vivid::config
