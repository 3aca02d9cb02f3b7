// The table of one timeline.
//
// Threads: free functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "measure.h"

namespace vivid::bench {

struct Row {
  std::string name;
  std::vector<Cost> costs;  // one a run
  VideoFacts facts;
  std::optional<Quality> quality;
};

// The first row is the one that the others are compared with.
void print_table(const Settings& settings, const Timeline& timeline, const std::vector<Row>& rows);
void print_steps(const std::vector<OwnAccount>& accounts);

}  // namespace vivid::bench
