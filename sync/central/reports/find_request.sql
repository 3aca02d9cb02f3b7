-- The requests that somebody can mean. $1, $2 uuid or NULL: all ids between these, as a beginning of one stands for;
-- $3 text: a correlation id. At most three rows: id.
SELECT r.id FROM content_requests r WHERE r.id BETWEEN $1::uuid AND $2::uuid
 UNION
SELECT r.id FROM content_requests r WHERE r.correlation_id = $3
 LIMIT 3;
