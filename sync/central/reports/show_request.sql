-- All that is known of one request. $1 uuid. One row: {"now", "request", "stages", "events" (the last 100), "content",
-- "costs", "lease" or null}; amounts of money are text, so that nobody rounds them.
SELECT json_build_object(
    'now', now(),
    'request', json_build_object(
        'id', r.id, 'correlation_id', r.correlation_id, 'student_id', r.student_id,
        'organization_id', r.organization_id, 'topic', r.topic, 'grade_level', r.grade_level, 'status', r.status,
        'current_stage', r.current_stage, 'progress_percentage', r.progress_percentage,
        'requested_modalities', r.requested_modalities, 'preferred_modality', r.preferred_modality,
        'modality_preferences', r.modality_preferences, 'output_formats', r.output_formats,
        'created_at', r.created_at AT TIME ZONE 'UTC', 'started_at', r.started_at AT TIME ZONE 'UTC',
        'completed_at', r.completed_at AT TIME ZONE 'UTC', 'failed_at', r.failed_at AT TIME ZONE 'UTC',
        'total_duration_seconds', r.total_duration_seconds, 'video_url', r.video_url, 'thumbnail_url', r.thumbnail_url,
        'error_message', r.error_message, 'error_stage', r.error_stage, 'error_details', r.error_details,
        'retry_count', r.retry_count, 'request_metadata', r.request_metadata),
    'stages', (
        SELECT COALESCE(json_agg(json_build_object(
                   'name', s.stage_name, 'order', s.stage_order, 'status', s.status,
                   'started_at', s.started_at AT TIME ZONE 'UTC', 'completed_at', s.completed_at AT TIME ZONE 'UTC',
                   'duration_seconds', s.duration_seconds, 'retry_count', s.retry_count, 'max_retries', s.max_retries,
                   'error_message', s.error_message, 'output_data', s.output_data)
                   ORDER BY s.stage_order, s.stage_name), '[]')
          FROM request_stages s WHERE s.request_id = r.id),
    'events', (
        SELECT COALESCE(json_agg(json_build_object(
                   'at', e.created_at AT TIME ZONE 'UTC', 'type', e.event_type, 'severity', e.severity,
                   'stage', e.stage_name, 'message', e.event_message, 'host', e.source_host,
                   'service', e.source_service, 'data', e.event_data) ORDER BY e.created_at, e.id), '[]')
          FROM (SELECT * FROM request_events WHERE request_id = r.id ORDER BY created_at DESC, id DESC LIMIT 100) e),
    'content', (
        SELECT COALESCE(json_agg(json_build_object(
                   'content_id', c.content_id, 'status', c.status, 'modality_type', c.modality_type, 'title', c.title,
                   'topic_id', c.topic_id, 'supported_formats', c.supported_formats, 'video_url', c.video_url,
                   'audio_url', c.audio_url, 'captions_url', c.captions_url, 'thumbnail_url', c.thumbnail_url,
                   'image_urls', c.image_urls, 'duration_seconds', c.duration_seconds,
                   'text_language', c.text_language, 'text_characters', length(c.text_content),
                   'generation_metadata', c.generation_metadata) ORDER BY c.created_at, c.content_id), '[]')
          FROM content_metadata c WHERE c.request_id = r.id::text),
    'costs', (
        SELECT COALESCE(json_agg(json_build_object(
                   'entry', k.entry, 'kind', k.kind, 'stage', k.stage, 'modality', k.modality,
                   'quantity', trim_scale(k.quantity)::text, 'unit', k.unit,
                   'unit_price_usd', trim_scale(k.unit_price_usd)::text, 'usd', trim_scale(k.usd)::text,
                   'fence', k.fence) ORDER BY k.fence, k.entry, k.incurred_at, k.kind, k.stage), '[]')
          FROM vividd.request_cost k WHERE k.request_id = r.id),
    'usd', (SELECT trim_scale(COALESCE(sum(k.usd), 0))::text
              FROM vividd.request_cost k WHERE k.request_id = r.id AND k.entry = 'cost'),
    'lease', (
        SELECT json_build_object('node_id', l.node_id, 'fence', l.fence, 'state', l.state, 'crashes', l.crashes,
                   'claimed_at', l.claimed_at, 'leased_until', l.leased_until, 'ended_at', l.ended_at,
                   'lapsed', l.state = 'leased' AND l.leased_until < now(), 'reason', l.reason)
          FROM vividd.request_lease l WHERE l.request_id = r.id))
  FROM content_requests r
 WHERE r.id = $1::uuid;
