// An SQLite VFS that hands everything to the default one, until it is told to break: no space left, a sync that fails,
// a write that stops half way. Breaking is counted down, so that a seeded test can put it anywhere.
//
// Threads: any; the switches are atomic.
// Ownership: registered for the life of the process.
#pragma once

#include <string>

namespace vivid::testing {

enum class Fault { none, full_disk, failed_sync, short_write };

class FaultyVfs {
 public:
  // The name to open a database with.
  static const std::string& name();
  // From the `after`-th write (or sync, for failed_sync) on, every one fails until heal().
  static void arm(Fault fault, int after);
  static void heal();
  // Whether an armed fault has struck since arm().
  static bool struck();
};

}  // namespace vivid::testing
