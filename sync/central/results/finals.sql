-- Ends requests: their final state and results, their content, what they cost and what they count for.
-- Each row of a table is written once, and content_requests before content_metadata's trigger looks at it, so that the
-- trigger finds output_formats as it wants it and writes nothing.
-- A `closing` row is about a request that somebody else has ended, most often by cancelling it: its costs are kept and
-- its lease ends, nothing more.
-- $1: [{"id", "fence", "closing", "body"}], each id once, all locked. $2: node_id, as messages name it. $3: host.
WITH delivered AS MATERIALIZED (
    SELECT d.id, d.fence, d.closing, b.status, b.error, b.content, b.stages, b.costs, b.usage,
           r.student_id, r.organization_id, r.created_at, COALESCE(r.started_at, r.created_at) AS begun_at,
           LEAST(GREATEST(timestamp 'epoch' + b.at_us * interval '1 microsecond', r.started_at, r.created_at),
                 now() AT TIME ZONE 'UTC') AS ended_at
      FROM jsonb_to_recordset($1::jsonb) AS d (id uuid, fence bigint, closing boolean, body jsonb)
     CROSS JOIN LATERAL jsonb_to_record(d.body) AS b (status content_request_status, at_us bigint, error jsonb,
                                                      content jsonb, stages jsonb, costs jsonb, usage jsonb)
      JOIN content_requests r ON r.id = d.id
), ended AS (
    SELECT * FROM delivered WHERE NOT closing
), content AS MATERIALIZED (
    SELECT e.id, e.student_id, e.ended_at, c.*, f.formats,
           (SELECT COALESCE(jsonb_agg(DISTINCT v.value), '[]') FROM jsonb_array_elements(f.formats) AS v)
               AS output_formats
      FROM ended e
     CROSS JOIN LATERAL jsonb_to_record(e.content) AS c (
               title text, description text, topic_id text, topic_name text, interest_id text, modality_type text,
               video_url text, thumbnail_url text, captions_url text, captions_format text, audio_url text,
               image_urls jsonb, script_text text, text_content text, text_language text, audio_language text,
               audio_duration_seconds int, duration_seconds int, gcs_bucket text, gcs_path text,
               supported_formats jsonb, generation_metadata jsonb)
     CROSS JOIN LATERAL (SELECT COALESCE(c.supported_formats, jsonb_build_array(COALESCE(c.modality_type, 'video'))))
                     AS f (formats)
     WHERE e.status = 'completed'
), stages AS MATERIALIZED (
    SELECT e.id, e.fence, s.name, s."order", s.status, s.output, s.error_code, s.error_message,
           COALESCE(s.attempt, 1) AS attempt, COALESCE(s.max_retries, 3) AS max_retries,
           timestamp 'epoch' + s.started_at_us * interval '1 microsecond' AS started_at,
           timestamp 'epoch' + s.finished_at_us * interval '1 microsecond' AS finished_at
      FROM ended e
     CROSS JOIN LATERAL jsonb_to_recordset(e.stages) AS s (
               name text, "order" int, status content_stage_status, attempt int, max_retries int,
               started_at_us bigint, finished_at_us bigint, output jsonb, error_code text, error_message text)
), last_stages AS (
    SELECT DISTINCT ON (id) id, name FROM stages WHERE status <> 'skipped' ORDER BY id, "order" DESC
), requests AS (
    UPDATE content_requests r
       SET status = e.status,
           progress_percentage = CASE WHEN e.status = 'completed' THEN 100 ELSE r.progress_percentage END,
           current_stage = COALESCE(e.error ->> 'stage', l.name, r.current_stage),
           completed_at = CASE WHEN e.status = 'completed' THEN e.ended_at ELSE r.completed_at END,
           failed_at = CASE WHEN e.status = 'failed' THEN e.ended_at ELSE r.failed_at END,
           total_duration_seconds = CASE WHEN e.status = 'completed'
                                         THEN round(EXTRACT(epoch FROM e.ended_at - e.begun_at))
                                         ELSE r.total_duration_seconds END,
           video_url = CASE WHEN e.status = 'completed' THEN c.video_url ELSE r.video_url END,
           thumbnail_url = CASE WHEN e.status = 'completed' THEN c.thumbnail_url ELSE r.thumbnail_url END,
           script_text = COALESCE(c.script_text, r.script_text),
           output_formats = COALESCE(c.output_formats, r.output_formats),
           error_message = CASE WHEN e.status <> 'completed' THEN COALESCE(e.error ->> 'message', r.error_message) END,
           error_stage = CASE WHEN e.status <> 'completed' THEN COALESCE(e.error ->> 'stage', r.error_stage) END,
           error_details = CASE WHEN e.status = 'completed' THEN NULL
                                WHEN e.error IS NULL THEN r.error_details
                                ELSE COALESCE(NULLIF(e.error -> 'details', 'null'), '{}')
                                     || jsonb_build_object('code', e.error -> 'code') END
      FROM ended e
      LEFT JOIN content c ON c.id = e.id
      LEFT JOIN last_stages l ON l.id = e.id
     WHERE r.id = e.id
), topics_by_name AS (
    SELECT DISTINCT ON (lower(btrim(t.name))) lower(btrim(t.name)) AS name, t.topic_id
      FROM topics t
     WHERE lower(btrim(t.name)) IN (SELECT lower(btrim(topic_name)) FROM content WHERE topic_name IS NOT NULL)
     ORDER BY lower(btrim(t.name)), t.active DESC NULLS LAST, t.topic_id
), content_rows AS (
    INSERT INTO content_metadata AS m (
           content_id, request_id, student_id, topic_id, interest_id, title, description, video_url, thumbnail_url,
           duration_seconds, gcs_bucket, gcs_path, status, script_content, generation_metadata, modality_type,
           text_content, text_language, audio_url, audio_language, audio_duration_seconds, captions_url,
           captions_format, image_urls, supported_formats, created_at, updated_at)
    SELECT 'vivid_' || c.id, c.id::text, c.student_id, COALESCE(t.topic_id, n.topic_id, 'unclassified'),
           i.interest_id, c.title, c.description, c.video_url, c.thumbnail_url, c.duration_seconds, c.gcs_bucket,
           c.gcs_path, 'ready', c.script_text, c.generation_metadata, COALESCE(c.modality_type, 'video'),
           c.text_content, COALESCE(c.text_language, 'en'), c.audio_url, COALESCE(c.audio_language, 'en'),
           c.audio_duration_seconds, c.captions_url, COALESCE(c.captions_format, 'vtt'),
           COALESCE(c.image_urls, '[]'), c.formats, c.ended_at, now() AT TIME ZONE 'UTC'
      FROM content c
      LEFT JOIN topics t ON t.topic_id = c.topic_id
      LEFT JOIN topics_by_name n ON n.name = lower(btrim(c.topic_name))
      LEFT JOIN interests i ON i.interest_id = c.interest_id
        ON CONFLICT (content_id) DO UPDATE
       SET topic_id = EXCLUDED.topic_id, interest_id = EXCLUDED.interest_id, title = EXCLUDED.title,
           description = EXCLUDED.description, video_url = EXCLUDED.video_url,
           thumbnail_url = EXCLUDED.thumbnail_url, duration_seconds = EXCLUDED.duration_seconds,
           gcs_bucket = EXCLUDED.gcs_bucket, gcs_path = EXCLUDED.gcs_path, status = EXCLUDED.status,
           script_content = EXCLUDED.script_content, generation_metadata = EXCLUDED.generation_metadata,
           modality_type = EXCLUDED.modality_type, text_content = EXCLUDED.text_content,
           text_language = EXCLUDED.text_language, audio_url = EXCLUDED.audio_url,
           audio_language = EXCLUDED.audio_language, audio_duration_seconds = EXCLUDED.audio_duration_seconds,
           captions_url = EXCLUDED.captions_url, captions_format = EXCLUDED.captions_format,
           image_urls = EXCLUDED.image_urls, supported_formats = EXCLUDED.supported_formats,
           updated_at = EXCLUDED.updated_at
), stage_rows AS (
    INSERT INTO request_stages AS s (
           request_id, stage_name, stage_order, status, started_at, completed_at, duration_seconds, output_data,
           error_message, error_details, retry_count, max_retries, stage_metadata)
    SELECT id, name, "order", status, started_at, finished_at, EXTRACT(epoch FROM finished_at - started_at), output,
           error_message, CASE WHEN error_code IS NOT NULL THEN jsonb_build_object('code', error_code) END,
           GREATEST(attempt - 1, 0), max_retries,
           jsonb_build_object('node_id', $2::text, 'fence', fence, 'attempt', attempt)
      FROM stages
        ON CONFLICT (request_id, stage_name) DO UPDATE
       SET stage_order = EXCLUDED.stage_order, status = EXCLUDED.status, started_at = EXCLUDED.started_at,
           completed_at = EXCLUDED.completed_at, duration_seconds = EXCLUDED.duration_seconds,
           output_data = EXCLUDED.output_data, error_message = EXCLUDED.error_message,
           error_details = EXCLUDED.error_details, retry_count = GREATEST(s.retry_count, EXCLUDED.retry_count),
           max_retries = EXCLUDED.max_retries, stage_metadata = EXCLUDED.stage_metadata
), unfinished_stages AS (
    UPDATE request_stages s
       SET status = CASE WHEN s.status = 'pending' THEN 'skipped'
                         WHEN e.status = 'completed' THEN 'completed'
                         WHEN e.status = 'failed' AND s.stage_name = e.error ->> 'stage' THEN 'failed'
                         ELSE 'skipped' END::content_stage_status,
           completed_at = CASE WHEN s.status = 'in_progress' THEN e.ended_at END,
           duration_seconds = CASE WHEN s.status = 'in_progress'
                                   THEN EXTRACT(epoch FROM GREATEST(e.ended_at, s.started_at) - s.started_at) END
      FROM ended e
     CROSS JOIN LATERAL (
        -- OFFSET keeps this apart, so that each request's stages are looked up however large the table is.
        SELECT u.id
          FROM request_stages u
         WHERE u.request_id = e.id AND u.status IN ('pending', 'in_progress')
           AND NOT COALESCE(e.stages, '[]') @> jsonb_build_array(jsonb_build_object('name', u.stage_name))
        OFFSET 0) AS unfinished
     WHERE s.id = unfinished.id
), costs AS (
    INSERT INTO vividd.request_cost (request_id, fence, entry, kind, stage, organization_id, modality, quantity, unit,
                                     unit_price_usd, incurred_at)
    SELECT d.id, d.fence, COALESCE(c.entry, 'cost'), c.kind, COALESCE(c.stage, ''), d.organization_id, c.modality,
           c.quantity, c.unit, c.unit_price_usd, d.ended_at AT TIME ZONE 'UTC'
      FROM delivered d
     CROSS JOIN LATERAL jsonb_to_recordset(d.costs) AS c (entry text, kind text, stage text, modality text,
                                                          quantity numeric, unit text, unit_price_usd numeric)
        ON CONFLICT (request_id, fence, entry, kind, stage) DO UPDATE
       SET quantity = EXCLUDED.quantity, unit = EXCLUDED.unit, unit_price_usd = EXCLUDED.unit_price_usd,
           modality = EXCLUDED.modality
), usage AS (
    INSERT INTO vividd.request_usage (request_id, modality, student_id, organization_id, month)
    SELECT e.id, u.modality, e.student_id, e.organization_id, date_trunc('month', e.ended_at)
      FROM ended e CROSS JOIN LATERAL jsonb_array_elements_text(e.usage) AS u (modality)
     WHERE e.status = 'completed'
        ON CONFLICT (request_id, modality) DO NOTHING
), leases AS (
    UPDATE vividd.request_lease l
       SET state = 'finished', ended_at = now(),
           reason = CASE WHEN d.closing THEN 'the request was final already' END
      FROM delivered d
     WHERE l.request_id = d.id AND l.fence = d.fence
), touched AS (
    INSERT INTO vividd.metrics_touch (time_bucket, organization_id)
    SELECT DISTINCT date_trunc('hour', created_at), organization_id FROM ended
)
INSERT INTO request_events (request_id, event_type, event_message, stage_name, severity, event_data, source_service,
                            source_host)
SELECT d.id,
       CASE WHEN d.closing THEN 'result_refused' ELSE 'request_' || d.status END,
       CASE WHEN d.closing THEN format('%s finished it as %s, but the request was final already', $2::text, d.status)
            WHEN d.status = 'completed' THEN format('Completed by %s, %s s after it was begun', $2::text,
                                                    round(EXTRACT(epoch FROM d.ended_at - d.begun_at), 3))
            WHEN d.status = 'failed'
            THEN format('Failed in %s on %s: %s', COALESCE(d.error ->> 'stage', 'intake'), $2::text,
                        COALESCE(d.error ->> 'message', 'no reason was given'))
            ELSE format('Cancelled; %s has stopped working on it', $2::text) END,
       d.error ->> 'stage',
       CASE WHEN d.closing THEN 'warning' WHEN d.status = 'failed' THEN 'error' ELSE 'info' END,
       jsonb_strip_nulls(jsonb_build_object('node_id', $2::text, 'fence', d.fence, 'code', d.error -> 'code',
                                            'formats', d.content -> 'supported_formats')),
       'vividd', $3::text
  FROM delivered d;
