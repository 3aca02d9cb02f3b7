-- Locks what a batch of deliveries is about, and says which of it may still be written. Leases come first, in id order;
-- then the requests whose lease is live, in id order too. From here to the end of the transaction the platform's
-- trigger leaves progress and current_stage of requests alone: they are set by the statements that follow.
-- $1: [{"id", "fence"}], each pair once.
-- Rows: id, fence of its live lease or NULL, status of the request where the lease is live. No row: no such lease.
WITH wanted AS (
    SELECT id, fence FROM jsonb_to_recordset($1::jsonb) AS w (id uuid, fence bigint)
), leases AS MATERIALIZED (
    SELECT l.request_id AS id, l.fence, l.state
      FROM vividd.request_lease l
     WHERE l.request_id IN (SELECT id FROM wanted)
     ORDER BY l.request_id
       FOR NO KEY UPDATE OF l
), requests AS MATERIALIZED (
    SELECT r.id, r.status
      FROM content_requests r
     WHERE r.id IN (SELECT l.id FROM leases l JOIN wanted w ON w.id = l.id AND w.fence = l.fence
                     WHERE l.state = 'leased')
     ORDER BY r.id
       FOR NO KEY UPDATE OF r
), settings AS MATERIALIZED (
    SELECT set_config('vividd.keeps_progress', 'on', true)
)
SELECT l.id, CASE WHEN l.state = 'leased' THEN l.fence END, r.status
  FROM settings CROSS JOIN leases l LEFT JOIN requests r ON r.id = l.id;
