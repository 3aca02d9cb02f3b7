// Revisions of the central schema as lists of steps, read from SQL files (migrations/README.md says how they are
// written).
//
// Threads: pure functions, values.
// Errors: invalid_input, naming file and step; whatever could only fail halfway through a live database is refused
// here.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace vivid::sync {

struct MigrationFile {
  std::string_view name;  // "0002_dual_modality.up.sql"
  std::string_view text;
};

enum class StepKind {
  transaction,     // all of it or nothing
  batch,           // one statement, repeated from where the last one ended, each time in its own transaction
  no_transaction,  // one CREATE or DROP INDEX CONCURRENTLY
};

struct Step {
  std::string name;
  StepKind kind = StepKind::transaction;
  std::string sql;
  std::string index;               // of a no_transaction step: the index it makes or drops
  std::vector<std::string> locks;  // tables that it will lock against writers
  std::string needs;               // of a verify step: the relation without which it cannot be asked
};

struct Revision {
  int number = 0;
  std::string name;  // "dual_modality"
  std::vector<Step> up;
  std::vector<Step> down;
  std::vector<Step> verify;
  std::string checksum;  // SHA-256 of the up file, hex

  std::string id() const;  // "0002_dual_modality"
};

// Each revision needs its three files; numbers go up from 1 without a gap.
Result<std::vector<Revision>> parse_revisions(std::span<const MigrationFile> files);

// Whether all steps may share one transaction.
bool is_one_transaction(const std::vector<Step>& steps);

}  // namespace vivid::sync
