-- Takes up to $1 hours and organizations whose requests have changed, off the list. Whatever wrote the rows taken is
-- committed, and so is seen by the statement that comes next.
-- Rows: time_bucket, organization_id; each pair once.
WITH stale AS (
    SELECT time_bucket, organization_id FROM vividd.metrics_touch
     GROUP BY time_bucket, organization_id
     ORDER BY min(id)
     LIMIT $1
), taken AS (
    DELETE FROM vividd.metrics_touch t USING stale s
     WHERE t.time_bucket = s.time_bucket AND t.organization_id IS NOT DISTINCT FROM s.organization_id
    RETURNING t.time_bucket, t.organization_id
)
SELECT DISTINCT time_bucket, organization_id FROM taken;
