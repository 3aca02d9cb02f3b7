// Who writes the script of a request that brings none.
//
// Threads: write() may be called from any thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "daemon/intake/request.h"

namespace vivid::daemon {

struct ProvidedScript {
  std::string json;      // a script as in docs/requests.md
  std::string provider;  // template …
  std::vector<std::string> warnings;
};

class ScriptProvider {
 public:
  virtual ~ScriptProvider() = default;
  virtual Result<ProvidedScript> write(const Request& request) const = 0;
};

// Fills the question into a fixed form and says so in a warning: what a host without a language model can do.
std::unique_ptr<ScriptProvider> make_template_script_provider();

}  // namespace vivid::daemon
