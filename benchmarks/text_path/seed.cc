#include "seed.h"

#include <algorithm>
#include <cstdio>

#include "base/files.h"

namespace vivid::bench {
namespace {

constexpr std::int64_t kWorthDroppingIndexes = 1'000'000;
constexpr std::int64_t kPart = 1'000'000;

// Numbers spread over all UUIDs, in ascending order: an index over them is as large as one over random ones, and new
// requests fall in between.
constexpr const char* kFunction = R"sql(
CREATE OR REPLACE FUNCTION pg_temp.old_id(i bigint, k int) RETURNS uuid LANGUAGE sql IMMUTABLE
    RETURN (lpad(to_hex(i * 28000000), 12, '0') || '40008000' || lpad(to_hex(k), 12, '0'))::uuid)sql";

struct Table {
  const char* name;
  const char* insert;  // $1 … $2: numbers, both included
};

constexpr Table kTables[] = {
    {"content_requests", R"sql(
INSERT INTO content_requests (id, correlation_id, student_id, topic, grade_level, status, current_stage,
       progress_percentage, created_at, started_at, completed_at, script_text, request_metadata,
       total_duration_seconds, organization_id, requested_modalities, preferred_modality, output_formats)
SELECT pg_temp.old_id(i, 0), 'old_' || lpad(i::text, 12, '0'), 'student_' || i % 1000, 'Topic ' || i % 500, '10',
       'completed', 'text_generation', 100, t, t, t + interval '1 second',
       repeat('Light becomes sugar. ', 6), '{"interest": "cooking"}', 1, 'org', '["text"]', 'text', '["text"]'
  FROM generate_series($1::bigint, $2::bigint) AS i
 CROSS JOIN LATERAL (SELECT timestamp '2024-01-01' + i * interval '2 seconds') AS c (t))sql"},
    {"vividd.request_lease", R"sql(
INSERT INTO vividd.request_lease (request_id, node_id, boot_id, path, state, claimed_at, leased_until, ended_at)
SELECT pg_temp.old_id(i, 0), 'old', '00000000-0000-4000-8000-000000000000', 'text', 'finished', t, t, t
  FROM generate_series($1::bigint, $2::bigint) AS i
 CROSS JOIN LATERAL (SELECT timestamptz '2024-01-01 00:00Z' + i * interval '2 seconds') AS c (t))sql"},
    {"content_metadata", R"sql(
INSERT INTO content_metadata (content_id, request_id, student_id, topic_id, title, description, status,
       script_content, text_content, modality_type, supported_formats, generation_metadata, created_at)
SELECT 'vivid_' || pg_temp.old_id(i, 0), pg_temp.old_id(i, 0)::text, 'student_' || i % 1000, 'topic_' || i % 500,
       'Topic ' || i % 500, 'Light becomes sugar', 'ready', repeat('Light becomes sugar. ', 6),
       repeat('Light becomes sugar. ', 6), 'text', '["text"]', '{"path": "text"}',
       timestamp '2024-01-01' + i * interval '2 seconds'
  FROM generate_series($1::bigint, $2::bigint) AS i)sql"},
    {"request_stages", R"sql(
INSERT INTO request_stages (id, request_id, stage_name, stage_order, status, duration_seconds)
SELECT pg_temp.old_id(i, k), pg_temp.old_id(i, 0), name, k, 'completed', 0.001
  FROM generate_series($1::bigint, $2::bigint) AS i
 CROSS JOIN (VALUES (1, 'script_generation'), (2, 'text_generation'), (3, 'validation')) AS s (k, name))sql"},
    {"request_events", R"sql(
INSERT INTO request_events (id, request_id, event_type, event_message, created_at, source_service)
SELECT pg_temp.old_id(i, 0), pg_temp.old_id(i, 0), 'request_completed', 'Completed',
       timestamp '2024-01-01' + i * interval '2 seconds', 'vividd'
  FROM generate_series($1::bigint, $2::bigint) AS i)sql"},
    {"vividd.request_cost", R"sql(
INSERT INTO vividd.request_cost (request_id, fence, kind, organization_id, modality, quantity, unit, unit_price_usd,
       incurred_at)
SELECT pg_temp.old_id(i, 0), i, 'script', 'org', 'text', 1, 'request', 0.017,
       timestamptz '2024-01-01 00:00Z' + i * interval '2 seconds'
  FROM generate_series($1::bigint, $2::bigint) AS i)sql"},
    {"vividd.request_usage", R"sql(
INSERT INTO vividd.request_usage (request_id, modality, student_id, organization_id, month)
SELECT pg_temp.old_id(i, 0), 'text', 'student_' || i % 1000, 'org',
       date_trunc('month', timestamp '2024-01-01' + i * interval '2 seconds')
  FROM generate_series($1::bigint, $2::bigint) AS i)sql"},
};

// Definitions of the indexes that no constraint needs; they are dropped.
std::vector<std::string> drop_indexes(Database& database) {
  std::vector<std::string> definitions;
  for (const auto& row : database.rows(R"sql(
SELECT pg_get_indexdef(x.indexrelid), x.indexrelid::regclass::text
  FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname IN ('public', 'vividd') AND NOT x.indisunique)sql")) {
    definitions.push_back(row[0].value());
    database.rows("DROP INDEX " + row[1].value());
  }
  return definitions;
}

}  // namespace

void seed_finished(Database& database, std::int64_t from, std::int64_t to) {
  if (from >= to) return;
  std::vector<std::string> indexes;
  if (to - from >= kWorthDroppingIndexes) indexes = drop_indexes(database);
  database.rows(kFunction);
  database.rows("SET session_replication_role = replica");
  for (const Table& table : kTables) {
    std::fprintf(stderr, "seeding %s up to %lld\n", table.name, static_cast<long long>(to));
    for (std::int64_t first = from + 1; first <= to; first += kPart) {
      const std::int64_t last = std::min(first + kPart - 1, to);
      database.rows(table.insert, {std::to_string(first), std::to_string(last)});
    }
  }
  database.rows("SET session_replication_role = origin");
  for (const std::string& index : indexes) database.rows(index);
  database.settle();
}

double insert_pending(Database& database, int count, const std::string& prefix) {
  const std::string script =
      need(read_file(std::string(VIVID_SOURCE_DIR) + "/samples/script-photosynthesis-text-only.json", 1 << 20));
  database.rows(R"sql(
INSERT INTO content_requests (correlation_id, student_id, topic, learning_objective, grade_level, organization_id,
                              requested_modalities, preferred_modality, request_metadata)
SELECT $2 || '_' || i, 'student_' || i % 1000, 'Topic ' || i % 500, 'Say what goes in and what comes out', 'Grade 10',
       'org', '["text"]', 'text', jsonb_build_object('interest', 'cooking', 'script', $3::jsonb)
  FROM generate_series(1, $1::int) AS i)sql",
                {std::to_string(count), prefix, script});
  return database.number(
      "SELECT EXTRACT(epoch FROM pg_xact_commit_timestamp(xmin)) FROM content_requests"
      " WHERE correlation_id = $1 || '_1'",
      {prefix});
}

}  // namespace vivid::bench
