// Where a request's results lie in the bucket.
//
// Threads: pure.
#pragma once

#include <cstdint>
#include <string>

namespace vivid::daemon {

// "requests/UID/FENCE": whoever held the request before, with a lower fence, cannot write over it.
inline std::string object_prefix(const std::string& uid, std::int64_t fence) {
  return "requests/" + uid + "/" + std::to_string(fence);
}

}  // namespace vivid::daemon
