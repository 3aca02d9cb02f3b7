-- How far running requests are. Only under the live fence, only forwards, and only where something is new. A stage is
-- in progress from its first note on; a note that comes after the stage's result changes nothing of the stage.
-- $1: [{"id", "fence", "stage", "status", "attempt", "started_at_us", "percent"}], each id once.
WITH notes AS MATERIALIZED (
    SELECT n.id, n.fence, n.stage, n.status, n.attempt, LEAST(n.percent, 99) AS percent,
           timestamp 'epoch' + n.started_at_us * interval '1 microsecond' AS started_at
      FROM jsonb_to_recordset($1::jsonb) AS n (id uuid, fence bigint, stage text, status content_request_status,
                                               attempt int, started_at_us bigint, percent int)
), leases AS MATERIALIZED (
    SELECT l.request_id AS id, l.node_id
      FROM vividd.request_lease l
     WHERE (l.request_id, l.fence) IN (SELECT id, fence FROM notes) AND l.state = 'leased'
     ORDER BY l.request_id
       FOR NO KEY UPDATE OF l
), running AS MATERIALIZED (
    SELECT r.id, l.node_id
      FROM content_requests r JOIN leases l ON l.id = r.id
     WHERE r.status < 'completed'
     ORDER BY r.id
       FOR NO KEY UPDATE OF r
), settings AS MATERIALIZED (
    SELECT set_config('vividd.keeps_progress', 'on', true)
), stage_rows AS (
    INSERT INTO request_stages AS s (request_id, stage_name, stage_order, status, started_at, stage_metadata)
    SELECT n.id, n.stage, COALESCE(p.stage_order, 99), 'in_progress', n.started_at,
           jsonb_build_object('node_id', r.node_id, 'fence', n.fence, 'attempt', n.attempt)
      FROM settings CROSS JOIN running r JOIN notes n ON n.id = r.id
      LEFT JOIN pipeline_stage_definitions p ON p.stage_name = n.stage
     WHERE n.stage <> ''
        ON CONFLICT (request_id, stage_name) DO UPDATE
       SET status = EXCLUDED.status, started_at = EXCLUDED.started_at, stage_metadata = EXCLUDED.stage_metadata
     WHERE s.status = 'pending'
       AND COALESCE(s.retry_count, 0) < COALESCE((EXCLUDED.stage_metadata ->> 'attempt')::int, 1)
)
UPDATE content_requests r
   SET progress_percentage = GREATEST(r.progress_percentage, n.percent),
       status = CASE WHEN n.status < 'completed' THEN GREATEST(r.status, n.status) ELSE r.status END,
       current_stage = COALESCE(NULLIF(n.stage, ''), r.current_stage)
  FROM notes n JOIN running u ON u.id = n.id
 WHERE r.id = n.id
   AND (COALESCE(r.progress_percentage, -1) < n.percent OR (n.status < 'completed' AND r.status < n.status)
        OR r.current_stage IS DISTINCT FROM COALESCE(NULLIF(n.stage, ''), r.current_stage));
