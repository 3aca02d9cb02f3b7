#include "latency.h"

#include <thread>

#include "base/files.h"
#include "bench_daemon.h"

namespace vivid::bench {
namespace {

using Steady = std::chrono::steady_clock;
constexpr int kVideos = 3;
constexpr int kPollsToRender = 300;

constexpr const char* kInsert = R"sql(
INSERT INTO content_requests (correlation_id, student_id, topic, grade_level, organization_id, requested_modalities,
                              preferred_modality, request_metadata)
VALUES ($1, 'student_1', 'Topic 1', 'Grade 10', 'org', '["text"]', 'text', $2::jsonb))sql";

// created_at is that of its transaction, which began a moment before it was committed.
constexpr const char* kLatencies = R"sql(
SELECT count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY ms), percentile_cont(0.99) WITHIN GROUP (ORDER BY ms), max(ms)
  FROM (SELECT 1000 * EXTRACT(epoch FROM pg_xact_commit_timestamp(xmin) - created_at AT TIME ZONE 'UTC') AS ms
          FROM content_requests
         WHERE correlation_id LIKE $1 || '\_%' AND status = 'completed') AS r)sql";

std::string sample(const std::string& name) {
  return need(read_file(std::string(VIVID_SOURCE_DIR) + "/samples/" + name, 1 << 20));
}

}  // namespace

Latency measure_latency(Database& database, int per_second, double seconds, const std::string& prefix) {
  sync::Session session = database.connect();
  const std::string metadata =
      "{\"interest\": \"cooking\", \"script\": " + sample("script-photosynthesis-text-only.json") + "}";
  const auto count = static_cast<int>(per_second * seconds);
  const Steady::time_point start = Steady::now();
  for (int i = 0; i < count; ++i) {
    std::this_thread::sleep_until(start + std::chrono::duration_cast<Steady::duration>(
                                              std::chrono::duration<double>(static_cast<double>(i) / per_second)));
    if (const auto done = session.run(kInsert, {prefix + "_" + std::to_string(i), metadata}); !done) {
      give_up(done.error().message);
    }
  }
  wait_for_texts(database);
  const auto row = database.rows(kLatencies, {prefix}).front();
  if (row[0] != std::to_string(count)) give_up("only " + row[0].value() + " requests were completed");
  return {count, std::stod(row[1].value()), std::stod(row[2].value()), std::stod(row[3].value())};
}

void fill_render_lane(Database& database) {
  std::string sections;
  for (int i = 0; i < 40; ++i) {
    sections += std::string(i == 0 ? "" : ",") + R"({"title": "Part )" + std::to_string(i) +
                R"(", "content": "Every force has a partner of the same size.", "duration_seconds": 30})";
  }
  const std::string script = R"({"script": {"title": "Forces", "sections": [)" + sections + "]}}";
  database.rows(R"sql(
INSERT INTO content_requests (correlation_id, student_id, topic, grade_level, organization_id, requested_modalities,
                              preferred_modality, request_metadata)
SELECT 'video_' || gen_random_uuid(), 'student_2', 'Forces', '10', 'org', '["video"]', 'video', $2::jsonb
  FROM generate_series(1, $1::int))sql",
                {std::to_string(kVideos), script});
  for (int i = 0; !render_lane_is_busy(database); ++i) {
    if (i == kPollsToRender) give_up("no video is rendered");
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

bool render_lane_is_busy(Database& database) {
  return database.value(
             "SELECT EXISTS (SELECT FROM content_requests WHERE preferred_modality = 'video'"
             " AND status = 'generating_video' AND current_stage = 'video_generation')") == "t";
}

}  // namespace vivid::bench
