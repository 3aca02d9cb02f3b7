-- Takes over requests whose lease has lapsed: the host that held them is gone. The lapse that reaches the limit buries
-- the request instead; one that has ended meanwhile only has its lease ended.
--
-- One request is taken over at a time: should it be what ends its hosts, no other goes down with it.
--
-- $1 node_id, $2 boot_id, $3 host, $4 environment, $5 lease in seconds, $6 how many at most to look at, $7 path, $8 pid,
-- $9 start of the process in ticks, $10 crashes that bury
-- Rows: request id, fence (NULL: buried), crashes.
--
-- After an outage every lease looks lapsed at once. So nothing is taken over before this server has been up, and has
-- been taking renewals without a gap, for a whole lease period.
WITH gate AS (
    SELECT pg_postmaster_start_time() <= now() - $5::int * interval '1 second'
           AND accepting_since <= now() - $5::int * interval '1 second'
           AND last_renewal_at > now() - $5::int * interval '1 second' AS is_open
      FROM vividd.renewal_gate
), lapsed AS (
    SELECT l.request_id, l.node_id, l.crashes + 1 AS crashes,
           r.status IN ('completed', 'failed', 'cancelled') AS is_over, l.leased_until
      FROM vividd.request_lease l
      JOIN content_requests r ON r.id = l.request_id
     WHERE (SELECT is_open FROM gate)
       AND l.state = 'leased' AND l.path = $7::text AND l.leased_until < now()
       AND COALESCE(left(r.request_metadata ->> 'environment', 32), '') IN ('', $4::text)
     ORDER BY l.leased_until, l.request_id
     LIMIT $6::int
       FOR NO KEY UPDATE OF r, l SKIP LOCKED
), finished AS (
    UPDATE vividd.request_lease l
       SET state = 'finished', ended_at = now(), reason = 'the request had ended'
      FROM lapsed p
     WHERE l.request_id = p.request_id AND p.is_over
), buried_lease AS (
    UPDATE vividd.request_lease l
       SET state = 'buried', crashes = p.crashes, ended_at = now(),
           reason = format('hosts lost while they worked on it: %s', p.crashes)
      FROM lapsed p
     WHERE l.request_id = p.request_id AND NOT p.is_over AND p.crashes >= $10::int
    RETURNING l.request_id, l.fence, p.crashes, p.node_id
), buried AS (
    UPDATE content_requests r
       SET status = 'failed', failed_at = now() AT TIME ZONE 'UTC', error_stage = r.current_stage,
           error_message = format('Given up; hosts lost while they worked on it: %s', b.crashes),
           error_details = jsonb_build_object('code', 'worker_crashed', 'crashes', b.crashes, 'last_node', b.node_id,
                                              'fence', b.fence)
      FROM buried_lease b
     WHERE r.id = b.request_id
    RETURNING r.id, r.created_at, r.organization_id, r.current_stage, r.error_message, b.crashes, b.node_id
), settings AS MATERIALIZED (
    -- The platform's trigger on request_stages leaves the request's progress as it is.
    SELECT set_config('vividd.keeps_progress', 'on', true)
), ended_stages AS (
    -- What the last host was at.
    UPDATE request_stages s
       SET status = 'failed', completed_at = now() AT TIME ZONE 'UTC', error_message = b.error_message,
           error_details = jsonb_build_object('code', 'worker_crashed')
      FROM settings CROSS JOIN buried b
     WHERE s.request_id = b.id AND s.status = 'in_progress'
), next AS (
    SELECT request_id, node_id, crashes
      FROM lapsed
     WHERE NOT is_over AND crashes < $10::int
     ORDER BY leased_until, request_id
     LIMIT 1
), taken AS (
    UPDATE vividd.request_lease l
       SET fence = vividd.next_fence(), node_id = $1::text, boot_id = $2::uuid, pid = $8::int,
           start_ticks = $9::bigint, crashes = p.crashes, claimed_at = now(),
           leased_until = now() + $5::int * interval '1 second', retry_at = NULL, cancel_requested_at = NULL
      FROM next p
     WHERE l.request_id = p.request_id
    RETURNING l.request_id, l.fence, l.crashes, p.node_id
), retried AS (
    -- Status and progress stay where they were: they never run backwards.
    UPDATE content_requests r
       SET retry_count = COALESCE(r.retry_count, 0) + 1,
           status = CASE WHEN r.status <> 'pending' THEN r.status
                         WHEN $7::text = 'text' THEN 'generating_script'
                         ELSE 'validating' END
      FROM taken t
     WHERE r.id = t.request_id
    RETURNING r.id, r.current_stage, t.fence, t.crashes, t.node_id
), noted AS (
    INSERT INTO request_events
           (request_id, event_type, event_message, stage_name, severity, event_data, source_service, source_host)
    SELECT id, 'lease_reclaimed', format('%s took over from %s, whose lease had lapsed', $1::text, node_id),
           current_stage, 'warning',
           jsonb_build_object('node_id', $1::text, 'fence', fence, 'crashes', crashes, 'lost_by', node_id), 'vividd',
           left($3::text, 255)
      FROM retried
    UNION ALL
    SELECT id, 'request_buried', format('Given up; lapsed leases: %s, the last one of %s', crashes, node_id),
           current_stage, 'critical', jsonb_build_object('crashes', crashes, 'lost_by', node_id), 'vividd',
           left($3::text, 255)
      FROM buried
), touched AS (
    INSERT INTO vividd.metrics_touch (time_bucket, organization_id)
    SELECT DISTINCT date_trunc('hour', created_at), organization_id FROM buried
)
SELECT request_id, fence, crashes FROM taken
 UNION ALL
SELECT id, NULL, crashes FROM buried
