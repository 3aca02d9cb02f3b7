-- Stages that are over. Of several results for one stage the last attempt's stands; each has its event.
-- $1: [{"id", "fence", "stage", "attempt", "body"}]. $2: node_id, as messages name it. $3: host.
WITH results AS MATERIALIZED (
    SELECT d.id, d.fence, d.stage, d.attempt, b.status, b.output, b.error_code, b.error_message,
           timestamp 'epoch' + b.started_at_us * interval '1 microsecond' AS started_at,
           timestamp 'epoch' + b.finished_at_us * interval '1 microsecond' AS finished_at,
           (b.finished_at_us - b.started_at_us) / 1e6 AS seconds
      FROM jsonb_to_recordset($1::jsonb) AS d (id uuid, fence bigint, stage text, attempt int, body jsonb)
     CROSS JOIN LATERAL jsonb_to_record(d.body) AS b (status content_stage_status, started_at_us bigint,
                                                      finished_at_us bigint, output jsonb, error_code text,
                                                      error_message text)
), stage_rows AS (
    INSERT INTO request_stages AS s (request_id, stage_name, stage_order, status, started_at, completed_at,
                                     duration_seconds, output_data, error_message, error_details, retry_count,
                                     stage_metadata)
    SELECT DISTINCT ON (r.id, r.stage)
           r.id, r.stage, COALESCE(p.stage_order, 99), r.status, r.started_at, r.finished_at, r.seconds, r.output,
           r.error_message, CASE WHEN r.error_code IS NOT NULL THEN jsonb_build_object('code', r.error_code) END,
           GREATEST(r.attempt - 1, 0), jsonb_build_object('node_id', $2::text, 'fence', r.fence, 'attempt', r.attempt)
      FROM results r
      LEFT JOIN pipeline_stage_definitions p ON p.stage_name = r.stage
     ORDER BY r.id, r.stage, r.attempt DESC
        ON CONFLICT (request_id, stage_name) DO UPDATE
       SET status = EXCLUDED.status, started_at = EXCLUDED.started_at, completed_at = EXCLUDED.completed_at,
           duration_seconds = EXCLUDED.duration_seconds, output_data = EXCLUDED.output_data,
           error_message = EXCLUDED.error_message, error_details = EXCLUDED.error_details,
           retry_count = GREATEST(s.retry_count, EXCLUDED.retry_count), stage_metadata = EXCLUDED.stage_metadata
)
INSERT INTO request_events (request_id, event_type, event_message, stage_name, severity, event_data, source_service,
                            source_host)
SELECT id, 'stage_' || status,
       CASE status WHEN 'completed' THEN format('%s completed on %s in %s s', stage, $2::text, round(seconds, 3))
                   WHEN 'failed' THEN format('%s failed on %s: %s', stage, $2::text,
                                             COALESCE(error_message, error_code))
                   ELSE format('%s is now %s on %s', stage, status, $2::text) END,
       stage, CASE status WHEN 'failed' THEN 'error' ELSE 'info' END,
       jsonb_strip_nulls(jsonb_build_object('node_id', $2::text, 'fence', fence, 'attempt', attempt, 'code', error_code,
                                            'seconds', seconds)),
       'vividd', $3::text
  FROM results;
