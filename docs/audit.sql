-- Looks for requests whose rows contradict each other. Zero rows: all is well. Safe on a living database at any time;
-- it reads everything once, so better not every minute.
WITH final AS (
    SELECT * FROM content_requests WHERE status IN ('completed', 'failed', 'cancelled')
), answered AS (
    -- Of this project's: requests that have had a lease and were ended under it.
    SELECT f.*, l.fence FROM final f JOIN vividd.request_lease l ON l.request_id = f.id AND l.state = 'finished'
), contents AS (
    SELECT request_id, count(*) AS rows, count(*) FILTER (WHERE status = 'ready') AS ready
      FROM content_metadata WHERE content_id LIKE 'vivid\_%' GROUP BY request_id
)
SELECT 'completed without content' AS problem, a.id::text AS request_id, NULL AS detail
  FROM answered a LEFT JOIN contents c ON c.request_id = a.id::text
 WHERE a.status = 'completed' AND COALESCE(c.ready, 0) = 0
UNION ALL
SELECT 'more than one content row', request_id, rows::text FROM contents WHERE rows > 1
UNION ALL
SELECT 'content of a request that is not completed', c.request_id, r.status::text
  FROM contents c JOIN content_requests r ON r.id::text = c.request_id
 WHERE r.status <> 'completed'
UNION ALL
SELECT 'final with a live lease', f.id::text, l.node_id
  FROM final f JOIN vividd.request_lease l ON l.request_id = f.id
 WHERE l.state = 'leased'
   -- A host has some time to notice that its request was cancelled.
   AND NOT (f.status = 'cancelled' AND l.leased_until > now())
UNION ALL
SELECT 'lease finished, request not final', r.id::text, r.status::text
  FROM vividd.request_lease l JOIN content_requests r ON r.id = l.request_id
 WHERE l.state IN ('finished', 'buried') AND r.status NOT IN ('pending', 'completed', 'failed', 'cancelled')
UNION ALL
SELECT 'in work without a lease', r.id::text, r.status::text
  FROM content_requests r JOIN vividd.request_lease l ON l.request_id = r.id
 WHERE r.status NOT IN ('pending', 'completed', 'failed', 'cancelled') AND l.state <> 'leased'
UNION ALL
SELECT 'completed twice', request_id::text, string_agg(source_host, ', ')
  FROM request_events
 WHERE source_service = 'vividd' AND event_type = 'request_completed'
 GROUP BY request_id HAVING count(*) > 1
UNION ALL
SELECT 'charged for two answers', request_id::text, string_agg(DISTINCT fence::text, ', ')
  FROM vividd.request_cost c
 WHERE entry = 'saving' GROUP BY request_id HAVING count(DISTINCT fence) > 1
UNION ALL
SELECT 'usage of a request that is not completed', u.request_id::text, r.status::text
  FROM vividd.request_usage u JOIN content_requests r ON r.id = u.request_id
 WHERE r.status <> 'completed'
UNION ALL
SELECT 'usage in two months', request_id::text, string_agg(DISTINCT month::text, ', ')
  FROM vividd.request_usage GROUP BY request_id HAVING count(DISTINCT month) > 1
UNION ALL
SELECT 'completed at less than 100 %', id::text, progress_percentage::text
  FROM answered WHERE status = 'completed' AND progress_percentage IS DISTINCT FROM 100
UNION ALL
SELECT '100 % and not completed', r.id::text, r.status::text
  FROM content_requests r JOIN vividd.request_lease l ON l.request_id = r.id
 WHERE r.progress_percentage = 100 AND r.status <> 'completed'
UNION ALL
SELECT 'without the time of its end', id::text, status::text
  FROM answered
 WHERE (status = 'completed' AND completed_at IS NULL) OR (status = 'failed' AND failed_at IS NULL)
UNION ALL
SELECT 'failed without a reason', id::text, error_stage
  FROM answered WHERE status = 'failed' AND (error_message IS NULL OR error_details IS NULL)
UNION ALL
SELECT 'stage still open', a.id::text, s.stage_name
  FROM answered a JOIN request_stages s ON s.request_id = a.id
 WHERE s.status IN ('pending', 'in_progress')
 ORDER BY 1, 2;
