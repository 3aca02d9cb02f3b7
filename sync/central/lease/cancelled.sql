-- Which of these requests somebody has cancelled.
--
-- $1 jsonb array of request ids
-- Rows: request id.
SELECT r.id
  FROM jsonb_array_elements_text($1::jsonb) AS held (id)
  JOIN content_requests r ON r.id = held.id::uuid
 WHERE r.status = 'cancelled'
