// The queue file's tables and the settings its connections must have.
//
// Threads: free functions on a Database, under its rules.
// Errors: those of Database; unsupported for a file of a newer version, invalid_input for a file that is not a queue,
// internal when WAL or synchronous=FULL cannot be had.
#pragma once

#include <filesystem>
#include <memory>

#include "base/error.h"
#include "queue/database.h"
#include "queue/job_queue.h"

namespace vivid::queue {

// A stage's id is its job's id × kStagesPerJob + ordinal: a job's stages lie side by side and need no index.
inline constexpr std::int64_t kStagesPerJob = 64;

inline std::int64_t stage_id_of(std::int64_t job_id, int ordinal) { return job_id * kStagesPerJob + ordinal; }
inline std::int64_t job_id_of(std::int64_t stage_id) { return stage_id / kStagesPerJob; }
inline int ordinal_of(std::int64_t stage_id) { return static_cast<int>(stage_id % kStagesPerJob); }

// The writer's connection: WAL and synchronous=FULL set and read back, schema brought up to date.
Result<std::unique_ptr<Database>> open_writer(const Options& options);
// A read connection to a file that open_writer has prepared.
Result<std::unique_ptr<Database>> open_reader(const Options& options);
// The version this program writes.
int schema_version();

}  // namespace vivid::queue
