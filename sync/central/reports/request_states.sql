-- How far some requests are. $1 jsonb: list of ids. One row: a list in no order, without those that are not there.
SELECT COALESCE(json_agg(json_build_object(
           'id', r.id, 'status', r.status, 'current_stage', r.current_stage,
           'progress_percentage', r.progress_percentage, 'error_message', r.error_message,
           'error_stage', r.error_stage, 'video_url', r.video_url)), '[]')
  FROM jsonb_array_elements_text($1::jsonb) AS wanted (id)
  JOIN content_requests r ON r.id = wanted.id::uuid;
