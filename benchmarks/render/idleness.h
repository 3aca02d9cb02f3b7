// Whether the machine is ours: figures that were taken beside somebody else's work are none.
//
// Threads: one; takes a second.
#pragma once

namespace vivid::bench {

inline constexpr double kMostBusy = 0.05;

// How much of the processors others use now, this program being asleep: 0 … 1.
double busy_share();

}  // namespace vivid::bench
