-- Recomputes request_metrics for some hours and organizations from the requests and their stages; a row that is right
-- already is not written. One row for each, also for requests without an organization, which UNIQUE does not see to:
-- the advisory lock does.
-- Counts by modality are of the requests that asked for it, averages by modality of those completed that prefer it. An
-- error counts for the part of the pipeline that its stage belongs to.
-- $1: [{"time_bucket", "organization_id"}], each pair once.
-- Rows: how many are right now.
WITH touched AS MATERIALIZED (
    SELECT time_bucket, organization_id
      FROM jsonb_to_recordset($1::jsonb) AS t (time_bucket timestamp, organization_id text)
), requests AS MATERIALIZED (
    SELECT t.time_bucket, t.organization_id, r.*
      FROM (SELECT DISTINCT time_bucket FROM touched) AS h
     CROSS JOIN LATERAL (
        -- OFFSET keeps this apart, so that each hour is looked up by created_at however large the table is.
        SELECT q.id, q.status, q.error_stage, q.organization_id AS owner, q.requested_modalities AS asked,
               q.preferred_modality AS preferred,
               -- No time that anybody may have written must keep all metrics from being recomputed.
               CASE WHEN q.status = 'completed' AND isfinite(q.completed_at)
                         AND isfinite(COALESCE(q.started_at, q.created_at))
                    THEN LEAST(EXTRACT(epoch FROM q.completed_at - COALESCE(q.started_at, q.created_at)), 99999999)
                    END AS seconds
          FROM content_requests q
         WHERE q.created_at >= h.time_bucket AND q.created_at < h.time_bucket + interval '1 hour'
        OFFSET 0) AS r
      JOIN touched t ON t.time_bucket = h.time_bucket AND COALESCE(t.organization_id, '') = COALESCE(r.owner, '')
                    AND t.organization_id IS NOT DISTINCT FROM r.owner
), counts AS (
    SELECT time_bucket, organization_id,
           count(*) AS total,
           count(*) FILTER (WHERE status = 'completed') AS successful,
           count(*) FILTER (WHERE status = 'failed') AS failed,
           count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
           avg(seconds) AS seconds,
           count(*) FILTER (WHERE status = 'failed' AND error_stage = 'validation') AS validation_errors,
           count(*) FILTER (WHERE status = 'failed' AND error_stage = 'rag_retrieval') AS rag_errors,
           count(*) FILTER (WHERE status = 'failed' AND error_stage IN ('script_generation', 'text_generation'))
               AS script_errors,
           count(*) FILTER (WHERE status = 'failed' AND error_stage IN ('audio_synthesis', 'image_generation',
                                                                        'video_generation', 'format_conversion'))
               AS video_errors,
           count(*) FILTER (WHERE status = 'failed' AND error_stage = 'video_processing') AS upload_errors,
           count(*) FILTER (WHERE asked ? 'text') AS text_count,
           count(*) FILTER (WHERE asked ? 'audio') AS audio_count,
           count(*) FILTER (WHERE asked ? 'video') AS video_count,
           count(*) FILTER (WHERE asked ?| ARRAY['images', 'image']) AS image_count,
           avg(seconds) FILTER (WHERE preferred = 'text') AS text_seconds,
           avg(seconds) FILTER (WHERE preferred = 'audio') AS audio_seconds,
           avg(seconds) FILTER (WHERE preferred = 'video') AS video_seconds,
           avg(seconds) FILTER (WHERE preferred = 'images') AS image_seconds
      FROM requests
     GROUP BY time_bucket, organization_id
), stages AS (
    SELECT r.time_bucket, r.organization_id,
           avg(s.duration_seconds) FILTER (WHERE s.stage_name = 'validation') AS validation_seconds,
           avg(s.duration_seconds) FILTER (WHERE s.stage_name = 'rag_retrieval') AS rag_seconds,
           avg(s.duration_seconds) FILTER (WHERE s.stage_name IN ('script_generation', 'text_generation'))
               AS script_seconds,
           avg(s.duration_seconds) FILTER (WHERE s.stage_name = 'video_generation') AS video_stage_seconds
      FROM requests r
      JOIN request_stages s ON s.request_id = r.id AND s.status = 'completed'
     GROUP BY r.time_bucket, r.organization_id
), computed AS MATERIALIZED (
    SELECT t.time_bucket, t.organization_id,
           COALESCE(c.total, 0)::int AS total_requests,
           COALESCE(c.successful, 0)::int AS successful_requests,
           COALESCE(c.failed, 0)::int AS failed_requests,
           COALESCE(c.cancelled, 0)::int AS cancelled_requests,
           c.seconds::numeric(10, 2) AS avg_total_duration,
           s.validation_seconds::numeric(10, 2) AS avg_validation_duration,
           s.rag_seconds::numeric(10, 2) AS avg_rag_duration,
           s.script_seconds::numeric(10, 2) AS avg_script_duration,
           s.video_stage_seconds::numeric(10, 2) AS avg_video_duration,
           COALESCE(c.validation_errors, 0)::int AS validation_errors,
           COALESCE(c.rag_errors, 0)::int AS rag_errors,
           COALESCE(c.script_errors, 0)::int AS script_errors,
           COALESCE(c.video_errors, 0)::int AS video_errors,
           COALESCE(c.upload_errors, 0)::int AS upload_errors,
           COALESCE(c.text_count, 0)::int AS text_request_count,
           COALESCE(c.audio_count, 0)::int AS audio_request_count,
           COALESCE(c.video_count, 0)::int AS video_request_count,
           COALESCE(c.image_count, 0)::int AS image_request_count,
           c.text_seconds::numeric(10, 2) AS avg_text_duration_seconds,
           c.audio_seconds::numeric(10, 2) AS avg_audio_duration_seconds,
           c.video_seconds::numeric(10, 2) AS avg_video_duration_seconds,
           c.image_seconds::numeric(10, 2) AS avg_image_duration_seconds
      FROM touched t
      LEFT JOIN counts c ON c.time_bucket = t.time_bucket AND c.organization_id IS NOT DISTINCT FROM t.organization_id
      LEFT JOIN stages s ON s.time_bucket = t.time_bucket AND s.organization_id IS NOT DISTINCT FROM t.organization_id
), present AS MATERIALIZED (
    SELECT DISTINCT ON (m.time_bucket, m.organization_id) m.id, m.time_bucket, m.organization_id
      FROM request_metrics m
      JOIN touched t ON t.time_bucket = m.time_bucket AND m.organization_id IS NOT DISTINCT FROM t.organization_id
     ORDER BY m.time_bucket, m.organization_id, m.id
), updated AS (
    UPDATE request_metrics m
       SET (total_requests, successful_requests, failed_requests, cancelled_requests, avg_total_duration,
            avg_validation_duration, avg_rag_duration, avg_script_duration, avg_video_duration, validation_errors,
            rag_errors, script_errors, video_errors, upload_errors, text_request_count, audio_request_count,
            video_request_count, image_request_count, avg_text_duration_seconds, avg_audio_duration_seconds,
            avg_video_duration_seconds, avg_image_duration_seconds, updated_at)
         = (c.total_requests, c.successful_requests, c.failed_requests, c.cancelled_requests, c.avg_total_duration,
            c.avg_validation_duration, c.avg_rag_duration, c.avg_script_duration, c.avg_video_duration,
            c.validation_errors, c.rag_errors, c.script_errors, c.video_errors, c.upload_errors,
            c.text_request_count, c.audio_request_count, c.video_request_count, c.image_request_count,
            c.avg_text_duration_seconds, c.avg_audio_duration_seconds, c.avg_video_duration_seconds,
            c.avg_image_duration_seconds, now() AT TIME ZONE 'UTC')
      FROM present p
      JOIN computed c ON c.time_bucket = p.time_bucket AND c.organization_id IS NOT DISTINCT FROM p.organization_id
     WHERE m.id = p.id
       AND (m.total_requests, m.successful_requests, m.failed_requests, m.cancelled_requests, m.avg_total_duration,
            m.avg_validation_duration, m.avg_rag_duration, m.avg_script_duration, m.avg_video_duration,
            m.validation_errors, m.rag_errors, m.script_errors, m.video_errors, m.upload_errors,
            m.text_request_count, m.audio_request_count, m.video_request_count, m.image_request_count,
            m.avg_text_duration_seconds, m.avg_audio_duration_seconds, m.avg_video_duration_seconds,
            m.avg_image_duration_seconds)
           IS DISTINCT FROM
           (c.total_requests, c.successful_requests, c.failed_requests, c.cancelled_requests, c.avg_total_duration,
            c.avg_validation_duration, c.avg_rag_duration, c.avg_script_duration, c.avg_video_duration,
            c.validation_errors, c.rag_errors, c.script_errors, c.video_errors, c.upload_errors,
            c.text_request_count, c.audio_request_count, c.video_request_count, c.image_request_count,
            c.avg_text_duration_seconds, c.avg_audio_duration_seconds, c.avg_video_duration_seconds,
            c.avg_image_duration_seconds)
), inserted AS (
    INSERT INTO request_metrics (
           time_bucket, organization_id, total_requests, successful_requests, failed_requests, cancelled_requests,
           avg_total_duration, avg_validation_duration, avg_rag_duration, avg_script_duration, avg_video_duration,
           validation_errors, rag_errors, script_errors, video_errors, upload_errors, text_request_count,
           audio_request_count, video_request_count, image_request_count, avg_text_duration_seconds,
           avg_audio_duration_seconds, avg_video_duration_seconds, avg_image_duration_seconds)
    SELECT c.*
      FROM computed c
     WHERE NOT EXISTS (SELECT 1 FROM present p WHERE p.time_bucket = c.time_bucket
                          AND p.organization_id IS NOT DISTINCT FROM c.organization_id)
        ON CONFLICT DO NOTHING
)
SELECT count(*) FROM touched;
