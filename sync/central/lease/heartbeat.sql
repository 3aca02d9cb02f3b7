-- Says that a node lives, and finds out whether a second living daemon goes by its name.
--
-- $1 node_id, $2 boot_id, $3 host, $4 pid, $5 version, $6 capacity, $7 load (JSON), $8 draining, $9 lease in seconds,
-- $10 start of the process in ticks
-- Rows: one, whether there is a twin.
--
-- A daemon that finds another's row takes it over, as after a restart. One that had been taken over from and comes back
-- while its successor lives was not ended, but has a twin.
INSERT INTO vividd.node AS n (node_id, boot_id, host, pid, start_ticks, version, capacity, load, draining)
VALUES ($1::text, $2::uuid, $3::text, $4::int, $10::bigint, $5::text, $6::jsonb, $7::jsonb, $8::boolean)
    ON CONFLICT (node_id) DO UPDATE
   SET boot_id = excluded.boot_id, host = excluded.host, pid = excluded.pid, start_ticks = excluded.start_ticks,
       version = excluded.version, capacity = excluded.capacity, load = excluded.load, draining = excluded.draining,
       last_seen = now(),
       started_at = CASE WHEN (n.host, n.boot_id, n.pid, n.start_ticks)
                              = (excluded.host, excluded.boot_id, excluded.pid, excluded.start_ticks)
                         THEN n.started_at ELSE now() END,
       previous_life = CASE WHEN (n.host, n.boot_id, n.pid, n.start_ticks)
                              = (excluded.host, excluded.boot_id, excluded.pid, excluded.start_ticks)
                            THEN n.previous_life ELSE format('%s %s %s %s', n.host, n.boot_id, n.pid, n.start_ticks) END,
       twin_seen_at = CASE WHEN (n.host, n.boot_id, n.pid, n.start_ticks)
                              <> (excluded.host, excluded.boot_id, excluded.pid, excluded.start_ticks)
                            AND n.previous_life = format('%s %s %s %s', excluded.host, excluded.boot_id, excluded.pid,
                                                      excluded.start_ticks)
                            AND n.last_seen > now() - $9::int * interval '1 second'
                           THEN now() ELSE n.twin_seen_at END
RETURNING n.twin_seen_at IS NOT DISTINCT FROM now()
