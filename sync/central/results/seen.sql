-- Which deliveries have been applied before. Asked once their leases are locked: a statement sees only what had been
-- committed when it began, and the one that locks may have waited for the very transaction that applied them.
-- $1: [{"n", "id", "fence", "kind", "stage", "attempt"}].
-- Rows: n.
SELECT d.n
  FROM jsonb_to_recordset($1::jsonb) AS d (n int, id uuid, fence bigint, kind text, stage text, attempt int)
  JOIN vividd.applied_delivery a
    ON (a.request_id, a.fence, a.kind, a.stage, a.attempt) = (d.id, d.fence, d.kind, d.stage, d.attempt);
