-- Cancels a request that is not final; whoever works on it hears of it. $1 uuid, $2 text: the host that asks.
-- One row: {"id", "outcome": cancelled | already_final, "status"}; none when there is no such request.
WITH wanted AS (
    SELECT id, status, organization_id, created_at FROM content_requests WHERE id = $1::uuid FOR UPDATE
), changed AS (
    UPDATE content_requests r
       SET status = 'cancelled'
      FROM wanted w
     WHERE r.id = w.id AND w.status NOT IN ('completed', 'failed', 'cancelled')
 RETURNING r.id, r.organization_id, r.created_at
), told AS (
    INSERT INTO request_events (request_id, event_type, event_message, severity, source_service, source_host)
    SELECT id, 'request_cancelled', 'Cancelled by an operator', 'info', 'vividctl', $2 FROM changed
), touched AS (
    INSERT INTO vividd.metrics_touch (time_bucket, organization_id)
    SELECT date_trunc('hour', created_at), organization_id FROM changed
)
SELECT json_build_object('id', w.id, 'outcome', CASE WHEN c.id IS NULL THEN 'already_final' ELSE 'cancelled' END,
                         'status', CASE WHEN c.id IS NULL THEN w.status ELSE 'cancelled' END)
  FROM wanted w LEFT JOIN changed c ON c.id = w.id;
