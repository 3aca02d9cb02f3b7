// The daemon as a whole, for `status` and `ping`.
//
// Threads: the loop's.
#pragma once

#include <string>
#include <vector>

#include "daemon/vividd/parts.h"

namespace vivid::daemon {

std::string ping_json(const Parts& parts);
std::string status_json(const Parts& parts);
// Those that work here: of the GPUs first.
std::vector<std::string> encoders_of(const Parts& parts);
std::string host_name(const config::Config& config);
// Why no work may be sent now; empty: it may.
std::string unready_reason(const Parts& parts);

}  // namespace vivid::daemon
