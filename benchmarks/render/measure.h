// What an encoding is like, and what it cost.
//
// Threads: one. Errors: none leave it: what fails ends the benchmark.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "contender.h"

namespace vivid::bench {

struct VideoFacts {
  std::int64_t frames = 0;
  std::int64_t bytes = 0;  // of the pictures alone
};
VideoFacts facts_of(const Contender& contender);

struct Quality {
  double psnr_y_db = 0.0;  // infinite where nothing differs
  double ssim_y = 0.0;
};
// Beside the contender's own uncompressed composition, by ffmpeg's filters.
Quality quality_of(const Settings& settings, const Timeline& timeline, const Contender& contender);

// What vivid-render says about a run.
struct OwnAccount {
  Cost video;  // of the stage that makes the video, without its sound; the memory is that of the whole run
  std::int64_t pictures_encoded = 0;
  std::vector<std::pair<std::string, double>> steps;  // of that stage: seconds
};
OwnAccount own_account(const Contender& contender, const Cost& whole);

struct Spread {
  double median = 0.0;
  double least = 0.0;
  double most = 0.0;
};
Spread spread_of(std::vector<double> values);

}  // namespace vivid::bench
