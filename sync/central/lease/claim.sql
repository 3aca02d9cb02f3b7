-- Takes pending requests of one path, best rank first, that no host holds and whose time has come.
--
-- $1 node_id, $2 boot_id, $3 host, $4 environment, $5 lease in seconds, $6 how many at most, $7 path, $8 pid,
-- $9 start of the process in ticks
-- Rows: request id, fence, crashes so far; in order of rank.
--
-- Rows that another host is claiming at this moment are skipped, so hosts never wait for each other. Each branch reads
-- the head of its partial index, once for requests of any environment and once for those of ours: rank and conditions
-- are written exactly as in the indexes.
--
-- A request over which a host was lost comes alone: should it be what ends its hosts, no other goes down with it.
WITH candidate AS (
    SELECT taken.id, taken.rank
      FROM unnest(ARRAY['', $4::text]) AS own (environment)
     CROSS JOIN LATERAL (
        SELECT r.id,
               GREATEST(r.created_at, timestamp '2000-01-01') - CASE WHEN r.request_metadata ->> 'priority' ~ '^[0-9]$'
                   THEN (r.request_metadata ->> 'priority')::int ELSE 5 END * interval '1 minute' AS rank
          FROM content_requests r
         WHERE $7::text = 'media'
           AND r.status = 'pending' AND NOT (r.requested_modalities <@ '["text"]' AND r.requested_modalities <> '[]')
           AND COALESCE(left(r.request_metadata ->> 'environment', 32), '') = own.environment
           AND (SELECT l.state = 'leased' OR (l.state = 'released' AND l.retry_at > now())
                  FROM vividd.request_lease l WHERE l.request_id = r.id) IS NOT TRUE
         ORDER BY rank, r.id
         LIMIT $6::int
           FOR NO KEY UPDATE OF r SKIP LOCKED) AS taken
    UNION ALL
    SELECT taken.id, taken.rank
      FROM unnest(ARRAY['', $4::text]) AS own (environment)
     CROSS JOIN LATERAL (
        SELECT r.id,
               GREATEST(r.created_at, timestamp '2000-01-01') - CASE WHEN r.request_metadata ->> 'priority' ~ '^[0-9]$'
                   THEN (r.request_metadata ->> 'priority')::int ELSE 5 END * interval '1 minute' AS rank
          FROM content_requests r
         WHERE $7::text = 'text'
           AND r.status = 'pending' AND r.requested_modalities <@ '["text"]' AND r.requested_modalities <> '[]'
           AND COALESCE(left(r.request_metadata ->> 'environment', 32), '') = own.environment
           AND (SELECT l.state = 'leased' OR (l.state = 'released' AND l.retry_at > now())
                  FROM vividd.request_lease l WHERE l.request_id = r.id) IS NOT TRUE
         ORDER BY rank, r.id
         LIMIT $6::int
           FOR NO KEY UPDATE OF r SKIP LOCKED) AS taken
), best AS (
    SELECT c.id, c.rank,
           COALESCE((SELECT l.crashes FROM vividd.request_lease l WHERE l.request_id = c.id AND l.state = 'released'), 0)
               AS crashes
      FROM (SELECT id, rank FROM candidate ORDER BY rank, id LIMIT $6::int) AS c
), chosen AS (
    SELECT id, rank
      FROM (SELECT id, rank, crashes, row_number() OVER by_rank AS place,
                   first_value(crashes) OVER by_rank AS crashes_of_first
              FROM best
            WINDOW by_rank AS (ORDER BY rank, id)) AS b
     WHERE CASE WHEN crashes_of_first > 0 THEN place = 1 ELSE crashes = 0 END
), leased AS (
    -- In order of id, as whoever delivers under an old fence locks them.
    -- A lapse counts on through releases; whoever makes a request pending again that was over gives it a fresh start.
    INSERT INTO vividd.request_lease AS l (request_id, node_id, boot_id, pid, start_ticks, path, leased_until)
    SELECT id, $1::text, $2::uuid, $8::int, $9::bigint, $7::text, now() + $5::int * interval '1 second' FROM chosen ORDER BY id
        ON CONFLICT (request_id) DO UPDATE
       SET fence = excluded.fence, node_id = excluded.node_id, boot_id = excluded.boot_id, pid = excluded.pid,
           start_ticks = excluded.start_ticks, path = excluded.path, state = 'leased',
           crashes = CASE WHEN l.state = 'released' THEN l.crashes ELSE 0 END, claimed_at = now(),
           leased_until = excluded.leased_until, retry_at = NULL, cancel_requested_at = NULL, ended_at = NULL,
           reason = NULL
    RETURNING l.request_id, l.fence, l.crashes
), started AS (
    UPDATE content_requests r
       SET status = CASE WHEN $7::text = 'text' THEN 'generating_script' ELSE 'validating' END::content_request_status,
           started_at = COALESCE(r.started_at, now() AT TIME ZONE 'UTC')
      FROM leased l
     WHERE r.id = l.request_id
    RETURNING r.id, r.created_at, r.organization_id, l.fence
), noted AS (
    INSERT INTO request_events
           (request_id, event_type, event_message, severity, event_data, source_service, source_host)
    SELECT id, 'request_claimed', 'Claimed by ' || $1::text, 'info',
           jsonb_build_object('node_id', $1::text, 'fence', fence, 'path', $7::text), 'vividd', left($3::text, 255)
      FROM started
), touched AS (
    INSERT INTO vividd.metrics_touch (time_bucket, organization_id)
    SELECT DISTINCT date_trunc('hour', created_at), organization_id FROM started
)
SELECT l.request_id, l.fence, l.crashes
  FROM leased l
  JOIN chosen c ON c.id = l.request_id
 ORDER BY c.rank, c.id
