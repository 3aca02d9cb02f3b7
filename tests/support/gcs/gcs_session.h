// An upload that the bucket service in tests has open, and how it words its failures.
//
// Threads: whoever holds the session's mutex.
#pragma once

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "base/digest.h"
#include "tests/support/gcs/gcs_stand_in.h"

namespace vivid::test {

inline constexpr std::uint64_t kBlockBytes = 256 * 1024;

struct GcsStandIn::Session {
  std::mutex mutex;
  std::string id;
  std::string name;
  std::string generation;  // ifGenerationMatch
  nlohmann::json metadata;
  std::uint64_t total = 0;
  std::uint64_t kept = 0;
  std::string partial;  // of a block that is not complete
  std::string bytes;
  Crc32c crc;
  bool finished = false;

  void keep(std::span<const char> piece, std::uint64_t keep_bytes) {
    crc.update(std::as_bytes(piece));
    kept += piece.size();
    if (total <= keep_bytes) bytes.append(piece.data(), piece.size());
  }
  // What arrives is kept in whole blocks.
  void take(std::span<const char> piece, std::uint64_t keep_bytes) {
    while (!piece.empty()) {
      if (partial.empty() && piece.size() >= kBlockBytes) {
        const std::size_t whole = piece.size() / kBlockBytes * kBlockBytes;
        keep(piece.first(whole), keep_bytes);
        piece = piece.subspan(whole);
        continue;
      }
      const auto wanted = std::min<std::size_t>(piece.size(), kBlockBytes - partial.size());
      partial.append(piece.data(), wanted);
      piece = piece.subspan(wanted);
      if (partial.size() == kBlockBytes) flush(keep_bytes);
    }
  }
  void flush(std::uint64_t keep_bytes) {
    keep(std::span<const char>(partial.data(), partial.size()), keep_bytes);
    partial.clear();
  }
};

StandInExchange::Headers headers_of(const Fault& fault);
std::string error_body(int status, const std::string& why);

}  // namespace vivid::test
