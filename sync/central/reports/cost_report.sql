-- What requests have cost and what text alone has saved. $1, $2 date: the first and the last day (UTC);
-- $3 text[]: what the rows are for, of day, organization and modality.
-- One row: {"from", "to", "rows": […], "total"}; money is text, to the last digit.
WITH entry AS (
    SELECT CASE WHEN 'day' = ANY ($3::text[]) THEN (incurred_at AT TIME ZONE 'UTC')::date END AS day,
           CASE WHEN 'organization' = ANY ($3::text[]) THEN organization_id END AS organization_id,
           CASE WHEN 'modality' = ANY ($3::text[]) THEN modality END AS modality,
           request_id, entry, usd
      FROM vividd.request_cost
     WHERE incurred_at >= $1::date AND incurred_at < $2::date + 1
), summed AS (
    SELECT GROUPING(day) = 1 AS is_total, day, organization_id, modality, count(DISTINCT request_id) AS requests,
           trim_scale(COALESCE(sum(usd) FILTER (WHERE entry = 'cost'), 0))::text AS usd,
           trim_scale(COALESCE(sum(usd) FILTER (WHERE entry = 'saving'), 0))::text AS saved_usd
      FROM entry
     GROUP BY GROUPING SETS ((day, organization_id, modality), ())
)
SELECT json_build_object(
    'from', $1::date, 'to', $2::date,
    'rows', COALESCE(json_agg(json_build_object('day', day, 'organization_id', organization_id, 'modality', modality,
                                                'requests', requests, 'usd', usd, 'saved_usd', saved_usd)
                              ORDER BY day, organization_id NULLS LAST, modality) FILTER (WHERE NOT is_total), '[]'),
    'total', (SELECT json_build_object('requests', requests, 'usd', usd, 'saved_usd', saved_usd)
                FROM summed WHERE is_total))
  FROM summed;
