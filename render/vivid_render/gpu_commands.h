// What vivid-render says about GPUs: once for people and programs, or again and again for vividd.
//
// Threads: run on the caller's.
#pragma once

#include <chrono>
#include <filesystem>

namespace vivid::render {

// `cache`: where the result is remembered; empty: nowhere. What the program ends with.
int print_probe(bool json, const std::filesystem::path& cache);

// One line of gauges at once and then each `interval`, until somebody asks the program to stop or nobody reads.
int watch_gpus(std::chrono::seconds interval);

}  // namespace vivid::render
