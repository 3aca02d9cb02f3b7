-- Forgets deliveries that were applied so long ago that no host sends them again.
-- $1: days. $2: how many at most.
-- Rows: one for each that went.
DELETE FROM vividd.applied_delivery
 WHERE ctid = ANY (ARRAY(SELECT d.ctid
                           FROM vividd.applied_delivery d
                          WHERE d.applied_at < now() - $1::int * interval '1 day'
                          ORDER BY d.applied_at
                          LIMIT $2::int))
RETURNING 1;
