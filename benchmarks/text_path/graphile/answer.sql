-- The rows of one text answer, as vividd writes them but for its lease: the request, its stages, content, costs, use and
-- events. $1: request id. $2: title.
WITH request AS (
    UPDATE content_requests
       SET status = 'completed', progress_percentage = 100, current_stage = 'text_generation',
           started_at = now() AT TIME ZONE 'UTC', completed_at = now() AT TIME ZONE 'UTC', total_duration_seconds = 0,
           script_text = request_metadata ->> 'script', output_formats = '["text"]'
     WHERE id = $1::uuid
    RETURNING id, student_id, organization_id, script_text
), keeps AS MATERIALIZED (
    SELECT set_config('vividd.keeps_progress', 'on', true)
), stages AS (
    INSERT INTO request_stages (request_id, stage_name, stage_order, status, started_at, completed_at,
                                duration_seconds, stage_metadata)
    SELECT r.id, s.name, s.stage_order, 'completed', now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC', 0,
           '{"node_id": "peer", "fence": 1, "attempt": 1}'
      FROM keeps CROSS JOIN request r
     CROSS JOIN (VALUES ('validation', 1), ('script_generation', 3), ('text_generation', 3)) AS s (name, stage_order)
), content AS (
    INSERT INTO content_metadata (content_id, request_id, student_id, topic_id, title, description, status,
                                  script_content, text_content, modality_type, supported_formats, generation_metadata)
    SELECT 'vivid_' || id, id::text, student_id, 'unclassified', $2::text, $2::text, 'ready', script_text, script_text, 'text',
           '["text"]', '{"path": "text", "script_provider": "request", "node": "peer"}'
      FROM request
), costs AS (
    INSERT INTO vividd.request_cost (request_id, fence, entry, kind, organization_id, modality, quantity, unit,
                                     unit_price_usd)
    SELECT r.id, 1, c.entry, c.kind, r.organization_id, 'text', 1, 'request', c.price
      FROM request r CROSS JOIN (VALUES ('cost', 'script', 0.017), ('saving', 'media_not_made', 0.183))
                             AS c (entry, kind, price)
), usage AS (
    INSERT INTO vividd.request_usage (request_id, modality, student_id, organization_id, month)
    SELECT id, 'text', student_id, organization_id, date_trunc('month', now() AT TIME ZONE 'UTC') FROM request
)
INSERT INTO request_events (request_id, event_type, event_message, event_data, source_service, source_host)
SELECT r.id, e.type, e.message, '{"node_id": "peer", "fence": 1}', 'peer', 'peer'
  FROM request r
 CROSS JOIN (VALUES ('request_claimed', 'Claimed by peer'), ('request_completed', 'Completed by peer'))
         AS e (type, message)
