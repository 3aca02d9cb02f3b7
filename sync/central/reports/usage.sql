-- How many answers were given, by what $5 names of month, organization and student. $1 date or NULL: first day of the
-- month; $2 text or NULL: student; $3 text or NULL: organization; $4 int: at most so many rows, the newest month and
-- then the largest first; $5 text[]. One row: {"rows": […], "more": rows left out, "total"}.
WITH counted AS (
    SELECT CASE WHEN 'month' = ANY ($5::text[]) THEN month END AS month,
           CASE WHEN 'organization' = ANY ($5::text[]) THEN organization_id END AS organization_id,
           CASE WHEN 'student' = ANY ($5::text[]) THEN student_id END AS student_id,
           modality, request_id
      FROM vividd.request_usage
     WHERE ($1::date IS NULL OR month = $1::date) AND ($2::text IS NULL OR student_id = $2::text)
       AND ($3::text IS NULL OR organization_id = $3::text)
), summed AS (
    SELECT GROUPING(month) = 1 AS is_total, month, organization_id, student_id,
           count(*) FILTER (WHERE modality = 'text') AS text, count(*) FILTER (WHERE modality = 'audio') AS audio,
           count(*) FILTER (WHERE modality = 'video') AS video, count(*) FILTER (WHERE modality = 'images') AS images,
           count(DISTINCT request_id) AS requests
      FROM counted
     GROUP BY GROUPING SETS ((month, organization_id, student_id), ())
), ranked AS (
    SELECT *, row_number() OVER (ORDER BY month DESC, requests DESC, organization_id, student_id) AS place
      FROM summed
     WHERE NOT is_total
)
SELECT json_build_object(
    'rows', COALESCE((SELECT json_agg(json_build_object(
                                 'month', to_char(month, 'YYYY-MM'), 'organization_id', organization_id,
                                 'student_id', student_id, 'requests', requests, 'text', text, 'audio', audio,
                                 'video', video, 'images', images) ORDER BY place)
                        FROM ranked WHERE place <= $4::int), '[]'),
    'more', (SELECT count(*) FROM ranked WHERE place > $4::int),
    'total', (SELECT json_build_object('requests', requests, 'text', text, 'audio', audio, 'video', video,
                                       'images', images) FROM summed WHERE is_total));
