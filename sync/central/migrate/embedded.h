// The files of migrations/, built in.
//
// Threads: pure function. Ownership: the texts live as long as the program.
#pragma once

#include <vector>

#include "sync/central/migrate/revision.h"

namespace vivid::sync {

// Sorted by name.
const std::vector<MigrationFile>& embedded_migrations();

}  // namespace vivid::sync
