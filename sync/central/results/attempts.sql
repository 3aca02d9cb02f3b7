-- Attempts of stages that failed and will be made again: counted, and the reason kept where support looks for it. Each
-- attempt is delivered once, so counting those delivered counts the attempts.
-- $1: [{"id", "fence", "stage", "attempt", "body"}]. $2: node_id, as messages name it. $3: host.
WITH attempts AS MATERIALIZED (
    SELECT d.id, d.fence, d.stage, d.attempt, b.error_code, b.error_message,
           timestamp 'epoch' + b.started_at_us * interval '1 microsecond' AS started_at,
           timestamp 'epoch' + b.retry_at_us * interval '1 microsecond' AS retry_at
      FROM jsonb_to_recordset($1::jsonb) AS d (id uuid, fence bigint, stage text, attempt int, body jsonb)
     CROSS JOIN LATERAL jsonb_to_record(d.body) AS b (error_code text, error_message text, started_at_us bigint,
                                                      retry_at_us bigint)
), last_attempts AS (
    SELECT DISTINCT ON (id, stage) * FROM attempts ORDER BY id, stage, attempt DESC
), stage_rows AS (
    INSERT INTO request_stages AS s (request_id, stage_name, stage_order, status, started_at, error_message,
                                     error_details, retry_count, stage_metadata)
    SELECT a.id, a.stage, COALESCE(p.stage_order, 99), 'pending', a.started_at, a.error_message,
           jsonb_build_object('code', a.error_code, 'attempt', a.attempt, 'retry_at', a.retry_at), a.attempt,
           jsonb_build_object('node_id', $2::text, 'fence', a.fence, 'attempt', a.attempt)
      FROM last_attempts a
      LEFT JOIN pipeline_stage_definitions p ON p.stage_name = a.stage
        ON CONFLICT (request_id, stage_name) DO UPDATE
       SET status = EXCLUDED.status, error_message = EXCLUDED.error_message, error_details = EXCLUDED.error_details,
           started_at = COALESCE(s.started_at, EXCLUDED.started_at),
           retry_count = GREATEST(s.retry_count, EXCLUDED.retry_count), stage_metadata = EXCLUDED.stage_metadata
), requests AS (
    UPDATE content_requests r
       SET retry_count = COALESCE(r.retry_count, 0) + a.attempts
      FROM (SELECT id, count(*) AS attempts FROM attempts GROUP BY id) AS a
     WHERE r.id = a.id
)
INSERT INTO request_events (request_id, event_type, event_message, stage_name, severity, event_data, source_service,
                            source_host)
SELECT id, 'stage_retried', format('Attempt %s of %s failed on %s: %s', attempt, stage, $2::text,
                                   COALESCE(error_message, error_code)),
       stage, 'warning',
       jsonb_strip_nulls(jsonb_build_object('node_id', $2::text, 'fence', fence, 'attempt', attempt, 'code', error_code,
                                            'retry_at', retry_at)),
       'vividd', $3::text
  FROM attempts;
