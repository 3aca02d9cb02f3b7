-- The fleet as the database sees it. $1 interval: a lease. One row: {"now", "nodes", "leases", "waiting", "gate"}.
-- A node is gone when it has not been seen for a lease, and doubled when two daemons go by its name; its lapsed leases
-- are another host's to take once the gate is open: once renewals have been taken for a whole lease, by a server that
-- has itself been up for as long.
WITH held AS (
    SELECT node_id, path, count(*) AS leases, count(*) FILTER (WHERE leased_until < now()) AS lapsed,
           min(leased_until) AS first_until
      FROM vividd.request_lease
     WHERE state = 'leased'
     GROUP BY node_id, path
), waiting AS (
    SELECT requested_modalities <@ '["text"]' AND requested_modalities <> '[]' AS text_only, count(*) AS requests,
           min(created_at) AT TIME ZONE 'UTC' AS oldest
      FROM content_requests
     WHERE status = 'pending'
     GROUP BY 1
), gate AS (
    SELECT accepting_since, last_renewal_at, last_renewal_at < now() - $1::interval AS silent,
           GREATEST(accepting_since, pg_postmaster_start_time()) + $1::interval AS opens_at
      FROM vividd.renewal_gate
)
SELECT json_build_object(
    'now', now(),
    'nodes', (
        SELECT COALESCE(json_agg(json_build_object(
                   'node_id', n.node_id, 'host', n.host, 'version', n.version, 'pid', n.pid, 'boot_id', n.boot_id,
                   'state', CASE WHEN n.last_seen < now() - $1::interval THEN 'gone'
                                 WHEN n.draining THEN 'draining' ELSE 'alive' END,
                   'draining', n.draining,
                   'doubled', COALESCE(n.twin_seen_at > now() - $1::interval, false),
                   'capacity', n.capacity, 'load', n.load,
                   'leases', json_build_object('media', COALESCE(media.leases, 0), 'text', COALESCE(text.leases, 0),
                                               'lapsed', COALESCE(media.lapsed, 0) + COALESCE(text.lapsed, 0)),
                   'started_at', n.started_at, 'last_seen', n.last_seen) ORDER BY n.node_id), '[]')
          FROM vividd.node n
          LEFT JOIN held media ON media.node_id = n.node_id AND media.path = 'media'
          LEFT JOIN held text ON text.node_id = n.node_id AND text.path = 'text'),
    'leases', (SELECT json_build_object('live', COALESCE(sum(leases - lapsed), 0), 'lapsed', COALESCE(sum(lapsed), 0),
                                        'lapsed_since', min(first_until) FILTER (WHERE lapsed > 0)) FROM held),
    'waiting', (SELECT json_build_object(
                           'media', COALESCE(sum(requests) FILTER (WHERE NOT text_only), 0),
                           'media_oldest', min(oldest) FILTER (WHERE NOT text_only),
                           'text', COALESCE(sum(requests) FILTER (WHERE text_only), 0),
                           'text_oldest', min(oldest) FILTER (WHERE text_only)) FROM waiting),
    'gate', (SELECT json_build_object('open', NOT silent AND opens_at <= now(), 'silent', silent,
                                      'opens_at', opens_at, 'accepting_since', accepting_since,
                                      'last_renewal_at', last_renewal_at) FROM gate));
