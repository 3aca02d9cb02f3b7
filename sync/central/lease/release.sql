-- Gives requests back: pending again, not before their time. A lease with another fence is left alone.
--
-- $1 node_id, $2 host, $3 jsonb array of {"id", "fence", "retry_after_ms", "reason"}
-- Rows: ids of what was given back.
--
-- Whoever needs both locks a request's row before its lease, and requests in order of their ids.
WITH given AS (
    SELECT id, fence, retry_after_ms, reason
      FROM jsonb_to_recordset($3::jsonb) AS g (id uuid, fence bigint, retry_after_ms bigint, reason text)
), locked AS (
    SELECT r.id, r.status IN ('completed', 'failed', 'cancelled') AS is_over, g.fence, g.retry_after_ms, g.reason
      FROM given g
      JOIN content_requests r ON r.id = g.id
     ORDER BY r.id
       FOR NO KEY UPDATE OF r
), released AS (
    UPDATE vividd.request_lease l
       SET state = CASE WHEN k.is_over THEN 'finished' ELSE 'released' END, ended_at = now(), reason = k.reason,
           retry_at = CASE WHEN NOT k.is_over THEN now() + k.retry_after_ms * interval '1 millisecond' END
      FROM locked k
     WHERE l.request_id = k.id AND l.fence = k.fence AND l.state = 'leased'
    RETURNING l.request_id, l.fence, l.retry_at, l.reason, k.is_over
), reset AS (
    UPDATE content_requests r
       SET status = 'pending'
      FROM released l
     WHERE r.id = l.request_id AND NOT l.is_over
    RETURNING r.id, r.current_stage, l.fence, l.retry_at, l.reason
), noted AS (
    INSERT INTO request_events
           (request_id, event_type, event_message, stage_name, severity, event_data, source_service, source_host)
    SELECT id, 'request_released', 'Given back: ' || reason, current_stage, 'info',
           jsonb_build_object('node_id', $1::text, 'fence', fence, 'retry_at', retry_at), 'vividd', left($2::text, 255)
      FROM reset
)
SELECT id FROM reset
