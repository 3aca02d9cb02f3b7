-- The newest requests. $1 text[] or NULL: of these statuses only; $2 int: at most so many.
-- One row: {"now", "requests": […]}.
SELECT json_build_object('now', now(), 'requests', COALESCE(json_agg(json_build_object(
           'id', r.id, 'correlation_id', r.correlation_id, 'student_id', r.student_id,
           'organization_id', r.organization_id, 'topic', r.topic, 'status', r.status,
           'current_stage', r.current_stage, 'progress_percentage', r.progress_percentage,
           'requested_modalities', r.requested_modalities, 'preferred_modality', r.preferred_modality,
           'created_at', r.created_at AT TIME ZONE 'UTC', 'started_at', r.started_at AT TIME ZONE 'UTC',
           'completed_at', r.completed_at AT TIME ZONE 'UTC', 'failed_at', r.failed_at AT TIME ZONE 'UTC',
           'error_message', r.error_message, 'error_stage', r.error_stage, 'retry_count', r.retry_count)
           ORDER BY r.created_at DESC, r.id DESC), '[]'))
  FROM (SELECT *
          FROM content_requests
         WHERE $1::text[] IS NULL OR status = ANY ($1::content_request_status[])
         ORDER BY created_at DESC, id DESC
         LIMIT $2::int) r;
