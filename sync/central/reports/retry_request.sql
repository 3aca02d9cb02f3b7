-- Lets a failed or cancelled request be claimed again, from the start. Its lease stays for the next claim to renew.
-- One that a host still holds is left alone: what the host has yet to say would end the new try.
-- $1 uuid, $2 text: the host that asks. One row: {"id", "outcome": pending | held | not_ended | completed, "status",
-- "retry_count", "holder"}; none when there is no such request.
WITH wanted AS (
    SELECT r.id, r.status,
           (SELECT l.node_id FROM vividd.request_lease l
             WHERE l.request_id = r.id AND l.state = 'leased' AND l.leased_until > now()) AS holder
      FROM content_requests r WHERE r.id = $1::uuid FOR UPDATE
), changed AS (
    UPDATE content_requests r
       SET status = 'pending', current_stage = NULL, progress_percentage = 0, started_at = NULL, completed_at = NULL,
           failed_at = NULL, error_message = NULL, error_stage = NULL, error_details = NULL,
           retry_count = COALESCE(r.retry_count, 0) + 1
      FROM wanted w
     WHERE r.id = w.id AND w.status IN ('failed', 'cancelled') AND w.holder IS NULL
 RETURNING r.id, r.retry_count, r.organization_id, r.created_at
), told AS (
    INSERT INTO request_events (request_id, event_type, event_message, severity, event_data, source_service,
                                source_host)
    SELECT c.id, 'request_retried', 'To be tried again, on behalf of an operator', 'info',
           jsonb_build_object('was', w.status, 'retry_count', c.retry_count), 'vividctl', $2
      FROM changed c JOIN wanted w ON w.id = c.id
), touched AS (
    INSERT INTO vividd.metrics_touch (time_bucket, organization_id)
    SELECT date_trunc('hour', created_at), organization_id FROM changed
), hinted AS (
    SELECT pg_notify('vividd_requests', '') FROM changed
)
SELECT json_build_object('id', w.id,
                         'outcome', CASE WHEN c.id IS NOT NULL THEN 'pending'
                                         WHEN w.status = 'completed' THEN 'completed'
                                         WHEN w.status IN ('failed', 'cancelled') THEN 'held' ELSE 'not_ended' END,
                         'status', CASE WHEN c.id IS NULL THEN w.status::text ELSE 'pending' END,
                         'retry_count', c.retry_count, 'holder', w.holder)
  FROM wanted w LEFT JOIN changed c ON c.id = w.id LEFT JOIN hinted ON true;
