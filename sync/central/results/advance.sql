-- Brings requests forward after stages.sql: progress is the share of stages that are completed, of those that are not
-- skipped, and 99 at most before the request is; it and the status never go back.
-- $1: as for stages.sql, with "n", the order of delivery.
WITH told AS (
    SELECT DISTINCT ON (d.id) d.id, d.stage,
           max((d.body ->> 'request_status')::content_request_status) OVER (PARTITION BY d.id) AS status
      FROM jsonb_to_recordset($1::jsonb) AS d (n int, id uuid, stage text, body jsonb)
     ORDER BY d.id, d.n DESC
), counted AS (
    SELECT s.request_id AS id,
           100 * count(*) FILTER (WHERE s.status = 'completed')
               / GREATEST(count(*) FILTER (WHERE s.status <> 'skipped'), 1) AS percent
      FROM request_stages s
     WHERE s.request_id IN (SELECT id FROM told)
     GROUP BY s.request_id
), forward AS (
    SELECT r.id, t.stage, GREATEST(r.progress_percentage, LEAST(c.percent, 99)::int) AS percent,
           CASE WHEN t.status < 'completed' THEN GREATEST(r.status, t.status) ELSE r.status END AS status
      FROM told t JOIN counted c ON c.id = t.id JOIN content_requests r ON r.id = t.id
)
UPDATE content_requests r
   SET progress_percentage = f.percent, status = f.status, current_stage = f.stage
  FROM forward f
 WHERE r.id = f.id
   AND (r.progress_percentage, r.status, r.current_stage) IS DISTINCT FROM (f.percent, f.status, f.stage);
