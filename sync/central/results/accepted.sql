-- A host has taken requests into its queue: their stages, as it means to run them. After a reclaim the stages of the
-- host before begin anew: what it had finished is told again by whoever goes on with it. A stage that runs already,
-- because its progress was faster than this, goes on running.
-- $1: [{"id", "fence", "body"}]. $2: node_id, as messages name it. $3: host.
WITH accepted AS (
    SELECT d.id, d.fence, d.body -> 'stages' AS stages
      FROM jsonb_to_recordset($1::jsonb) AS d (id uuid, fence bigint, body jsonb)
), stages AS (
    SELECT a.id, a.fence, s.*
      FROM accepted a
     CROSS JOIN LATERAL jsonb_to_recordset(a.stages) AS s (name text, "order" int, status content_stage_status,
                                                           max_retries int)
), stage_rows AS (
    INSERT INTO request_stages AS s (request_id, stage_name, stage_order, status, max_retries, stage_metadata)
    SELECT id, name, "order", status, COALESCE(max_retries, 3),
           jsonb_build_object('node_id', $2::text, 'fence', fence)
      FROM stages
        ON CONFLICT (request_id, stage_name) DO UPDATE
       SET (status, started_at, stage_metadata)
         = (SELECT CASE WHEN runs THEN s.status ELSE EXCLUDED.status END, CASE WHEN runs THEN s.started_at END,
                   CASE WHEN runs THEN s.stage_metadata ELSE EXCLUDED.stage_metadata END
              FROM (VALUES (s.status = 'in_progress' AND COALESCE(
                        s.stage_metadata ->> 'fence' = EXCLUDED.stage_metadata ->> 'fence', false))) AS v (runs)),
           stage_order = EXCLUDED.stage_order, max_retries = EXCLUDED.max_retries, completed_at = NULL,
           duration_seconds = NULL, output_data = NULL, error_message = NULL, error_details = NULL, retry_count = 0
)
INSERT INTO request_events (request_id, event_type, event_message, severity, event_data, source_service, source_host)
SELECT a.id, 'request_accepted', format('Accepted by %s; stages: %s, skipped: %s', $2::text, count(s.id),
                                        count(s.id) FILTER (WHERE s.status = 'skipped')),
       'info', jsonb_build_object('node_id', $2::text, 'fence', a.fence), 'vividd', $3::text
  FROM accepted a LEFT JOIN stages s ON s.id = a.id
 GROUP BY a.id, a.fence;
