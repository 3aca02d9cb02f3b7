// Answers of the typesetter, kept on disk under a hash of all that determines them.
//
// Threads, processes: any number may use one folder; files appear whole. Errors: none: what cannot be read, is damaged
// or cannot be written is not there. Size: at most 256 folders of kMostAnswersInFolder files of kMostAnswerBytes.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace vivid::render {

inline constexpr std::size_t kMostAnswerBytes = 256U << 10;
inline constexpr std::size_t kMostAnswersInFolder = 64;

class DrawingCache {
 public:
  // An empty path: nothing is kept.
  explicit DrawingCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // `key` is 64 hex digits.
  std::optional<std::string> find(const std::string& key) const;
  void put(const std::string& key, std::string_view answer) const;

 private:
  std::filesystem::path path_of(const std::string& key) const;
  std::filesystem::path folder_;
};

}  // namespace vivid::render
