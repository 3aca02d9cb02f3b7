-- Renews all leases that a host holds on one path, tells it which are lost and which of their requests are cancelled,
-- and gives back what this daemon holds here without knowing it: the answer to that claim never arrived.
--
-- $1 node_id, $2 boot_id, $3 host, $4 path, $5 lease in seconds, $6 jsonb array of {"id", "fence"}, $7 pid,
-- $8 start of the process in ticks
-- Rows: request id, fence, outcome: lost, cancelled or orphan.
--
-- The fence alone is authority: a lease that has lapsed and that nobody took over is renewed as if nothing had been.
-- What another life of this node claimed is left alone. Either that life has ended over it, which counts when the lease
-- lapses and is reclaimed; or it lives, under a name that two daemons share.
WITH held AS (
    SELECT id, fence FROM jsonb_to_recordset($6::jsonb) AS h (id uuid, fence bigint)
), gate AS (
    -- At most once a second, so that the hosts do not queue for this one row. Any host renews three times a lease, so
    -- half a lease without a renewal is an outage, after which the others need time to come back, however short it was.
    UPDATE vividd.renewal_gate
       SET accepting_since = CASE WHEN last_renewal_at < now() - $5::int * interval '500 milliseconds' THEN now()
                                  ELSE accepting_since END,
           last_renewal_at = now()
     WHERE last_renewal_at < now() - interval '1 second'
), live AS (
    SELECT l.request_id, l.fence, r.status = 'cancelled' AS is_cancelled
      FROM held h
      JOIN vividd.request_lease l ON l.request_id = h.id AND l.fence = h.fence
      JOIN content_requests r ON r.id = l.request_id
     WHERE l.state = 'leased' AND r.status NOT IN ('completed', 'failed')
     ORDER BY l.request_id
       FOR NO KEY UPDATE OF l
), renewed AS (
    UPDATE vividd.request_lease l
       SET leased_until = now() + $5::int * interval '1 second',
           cancel_requested_at = CASE WHEN v.is_cancelled THEN COALESCE(l.cancel_requested_at, now()) END
      FROM live v
     WHERE l.request_id = v.request_id
    RETURNING l.request_id, l.fence, v.is_cancelled
), orphan AS (
    SELECT l.request_id, r.status IN ('completed', 'failed', 'cancelled') AS is_over
      FROM vividd.request_lease l
      JOIN content_requests r ON r.id = l.request_id
     WHERE l.node_id = $1::text AND l.state = 'leased' AND l.path = $4::text
       AND NOT EXISTS (SELECT 1 FROM held h WHERE h.id = l.request_id AND h.fence = l.fence)
       AND l.boot_id = $2::uuid AND l.pid = $7::int AND l.start_ticks = $8::bigint
     ORDER BY l.request_id
       FOR NO KEY UPDATE OF r, l SKIP LOCKED
), released AS (
    UPDATE vividd.request_lease l
       SET state = CASE WHEN o.is_over THEN 'finished' ELSE 'released' END, ended_at = now(), retry_at = NULL,
           reason = 'claimed with an answer that never arrived'
      FROM orphan o
     WHERE l.request_id = o.request_id
    RETURNING l.request_id, l.fence, o.is_over
), reset AS (
    UPDATE content_requests r
       SET status = 'pending'
      FROM released l
     WHERE r.id = l.request_id AND NOT l.is_over
    RETURNING r.id, r.current_stage, l.fence
), noted AS (
    INSERT INTO request_events
           (request_id, event_type, event_message, stage_name, severity, event_data, source_service, source_host)
    SELECT id, 'request_released', 'Given back: claimed with an answer that never arrived', current_stage, 'info',
           jsonb_build_object('node_id', $1::text, 'fence', fence), 'vividd', left($3::text, 255)
      FROM reset
)
SELECT h.id, h.fence, CASE WHEN r.is_cancelled THEN 'cancelled' ELSE 'lost' END
  FROM held h
  LEFT JOIN renewed r ON r.request_id = h.id AND r.fence = h.fence
 WHERE r.is_cancelled IS NOT FALSE
 UNION ALL
SELECT request_id, fence, 'orphan' FROM released
