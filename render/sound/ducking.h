// When music makes room for the voice. The times of the voice are known before a sample is mixed, so the music is down
// when the voice begins instead of after.
//
// Threads: one curve, one thread. Units: frames at 48 kHz.
#pragma once

#include <cstdint>
#include <vector>

#include "render/speech/narration.h"

namespace vivid::render {

class DuckCurve {
 public:
  explicit DuckCurve(const Narration& narration);

  // 0: nobody speaks; 1: the voice is heard. Asked in rising order.
  double amount(std::int64_t frame);

 private:
  struct Speech {
    std::int64_t start = 0;
    std::int64_t end = 0;
  };
  std::vector<Speech> spoken_;
  std::size_t latest_ = 0;
};

}  // namespace vivid::render
