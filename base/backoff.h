// Delay before the next try: exponential with full jitter, so that hosts which failed together do not return together.
//
// Threads: a Random belongs to one thread; full_jitter is pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>

namespace vivid {

// A seeded source of randomness, handed in from outside so that whole runs replay from one seed.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  // Uniform over [0, bound]; bound inclusive.
  std::uint64_t up_to(std::uint64_t bound) { return std::uniform_int_distribution<std::uint64_t>(0, bound)(engine_); }

 private:
  std::mt19937_64 engine_;
};

struct BackoffOptions {
  std::chrono::milliseconds initial{1000};
  std::chrono::milliseconds maximum{60'000};
  double factor = 2.0;
};

// Uniform over [0, min(maximum, initial × factor^(attempt − 1))]; attempt counts from 1.
std::chrono::milliseconds full_jitter(const BackoffOptions& options, int attempt, Random& random);

}  // namespace vivid
