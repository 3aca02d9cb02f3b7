#include "bare_finish.h"

#include <chrono>

namespace vivid::bench {
namespace {

constexpr std::size_t kBatch = 500;

constexpr const char* kTable = R"sql(
DROP TABLE IF EXISTS bare_lease;
CREATE TABLE bare_lease (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), fence bigint NOT NULL, state text NOT NULL)
    WITH (fillfactor = 70))sql";

constexpr const char* kFinish = R"sql(
UPDATE bare_lease l
   SET state = 'finished'
  FROM jsonb_to_recordset($1::jsonb) AS d (id uuid, fence bigint)
 WHERE l.id = d.id AND l.fence = d.fence AND l.state = 'leased'
RETURNING l.id)sql";

}  // namespace

double bare_finishes_per_second(Database& database, int count) {
  database.rows(kTable);
  const auto leases = database.rows(
      "INSERT INTO bare_lease (fence, state) SELECT i, 'leased' FROM generate_series(1, $1::int) AS i"
      " RETURNING id, fence",
      {std::to_string(count)});
  database.rows("VACUUM ANALYZE bare_lease");
  sync::Session session = database.connect();
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t first = 0; first < leases.size(); first += kBatch) {
    std::string batch;
    for (std::size_t i = first; i < std::min(first + kBatch, leases.size()); ++i) {
      batch += (batch.empty() ? "[" : ",") + std::string("{\"id\":\"") + leases[i][0].value() +
               "\",\"fence\":" + leases[i][1].value() + "}";
    }
    const auto done = session.run(kFinish, {batch + "]"});
    if (!done || done->size() != std::min(kBatch, leases.size() - first)) give_up("the bare finish fails");
  }
  return count / std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace vivid::bench
