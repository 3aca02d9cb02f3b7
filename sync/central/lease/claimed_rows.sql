-- What the daemon needs of requests that it has claimed.
--
-- $1 jsonb array of request ids
-- Rows: request id; JSON object. Of a request whose free-form columns take more than 1 MiB, these are left out, and
-- oversize_bytes says how much they take as stored.
SELECT r.id,
       json_build_object(
           'id', r.id, 'correlation_id', r.correlation_id, 'student_id', r.student_id, 'topic', r.topic,
           'organization_id', r.organization_id, 'grade_level', r.grade_level, 'duration_minutes', r.duration_minutes,
           'status', r.status, 'current_stage', r.current_stage, 'progress_percentage', r.progress_percentage,
           'retry_count', r.retry_count, 'created_at', r.created_at, 'started_at', r.started_at,
           'preferred_modality', r.preferred_modality,
           'learning_objective', CASE WHEN size.fits THEN r.learning_objective END,
           'requested_modalities', CASE WHEN size.fits THEN r.requested_modalities END,
           'modality_preferences', CASE WHEN size.fits THEN r.modality_preferences END,
           'request_metadata', CASE WHEN size.fits THEN r.request_metadata END,
           'oversize_bytes', CASE WHEN NOT size.fits THEN size.bytes END,
           'user', json_build_object(
               'grade_level', u.grade_level, 'accessibility_settings', u.accessibility_settings,
               'language_preference', u.language_preference,
               'content_modality_preferences', u.content_modality_preferences))
  FROM jsonb_array_elements_text($1::jsonb) AS wanted (id)
  JOIN content_requests r ON r.id = wanted.id::uuid
  JOIN users u ON u.user_id = r.student_id
 CROSS JOIN LATERAL (
    SELECT bytes, bytes <= 1048576 AS fits
      FROM (SELECT COALESCE(pg_column_size(r.learning_objective), 0) + pg_column_size(r.requested_modalities)
                   + pg_column_size(r.modality_preferences) + COALESCE(pg_column_size(r.request_metadata), 0)) AS s (bytes)
 ) AS size
