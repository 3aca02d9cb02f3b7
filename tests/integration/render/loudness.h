// How loud a file is, by another meter than ours: FFmpeg's ebur128.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <string>

#include "tests/support/render/child.h"

namespace vivid::render::testing_support {

struct Heard {
  double loudness_lufs = 0.0;
  double true_peak_dbtp = 0.0;
};

inline Heard hear(const std::filesystem::path& file, const std::filesystem::path& scratch) {
  const Finished finished = Child({"ffmpeg", "-hide_banner", "-nostats", "-i", file.string(), "-map", "0:a", "-af",
                                   "ebur128=peak=true", "-f", "null", "-"},
                                  scratch)
                                .wait();
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  const std::size_t at = finished.err.rfind("Summary:");
  if (at == std::string::npos) {
    ADD_FAILURE() << finished.err;
    return {};
  }
  const std::string summary = finished.err.substr(at);
  const auto value = [&summary](const char* pattern) {
    std::smatch match;
    EXPECT_TRUE(std::regex_search(summary, match, std::regex(pattern))) << summary;
    return match[1] == "-inf" ? -1'000.0 : std::stod(match[1]);
  };
  return {value(R"(I:\s+(\S+) LUFS)"), value(R"(Peak:\s+(\S+) dBFS)")};
}

inline void expect_loudness(const Heard& heard, const std::string& file) {
  EXPECT_NEAR(heard.loudness_lufs, -16.0, 0.5) << file;
  EXPECT_LE(heard.true_peak_dbtp, -1.0) << file;
}

}  // namespace vivid::render::testing_support
