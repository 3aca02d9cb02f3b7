-- What a request of each kind has cost of late. $1 interval: how far back. One row: {"days", "text": {"requests",
-- "usd"}, "video": {…}}. Text alone is what has saved something; usd is of a request, on average, to a millionth.
WITH request AS (
    SELECT request_id, bool_or(entry = 'saving') AS text_only,
           COALESCE(sum(usd) FILTER (WHERE entry = 'cost'), 0) AS usd
      FROM vividd.request_cost
     WHERE incurred_at >= now() - $1::interval
     GROUP BY request_id
), summed AS (
    SELECT count(*) FILTER (WHERE text_only) AS text_requests, count(*) FILTER (WHERE NOT text_only) AS video_requests,
           round(avg(usd) FILTER (WHERE text_only), 6)::text AS text_usd,
           round(avg(usd) FILTER (WHERE NOT text_only), 6)::text AS video_usd
      FROM request
)
SELECT json_build_object('days', EXTRACT(epoch FROM $1::interval)::bigint / 86400,
                         'text', json_build_object('requests', text_requests, 'usd', text_usd),
                         'video', json_build_object('requests', video_requests, 'usd', video_usd))
  FROM summed;
