-- Revision 0004, the render daemon's own: everything is in the schema vividd, apart from four indexes and three triggers
-- on the platform's tables and the topic 'unclassified'. Its times carry a zone.

-- step: tables locks content_requests
CREATE SCHEMA IF NOT EXISTS vividd_backup;
-- What an earlier down put aside comes back as it was.
DO $body$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['request_cost', 'request_usage', 'applied_delivery', 'metrics_touch'] LOOP
        IF to_regclass('vividd_backup.' || name) IS NOT NULL THEN
            EXECUTE format('ALTER TABLE vividd_backup.%I SET SCHEMA vividd', name);
        END IF;
    END LOOP;
    IF to_regclass('vividd_backup.fence') IS NOT NULL THEN
        ALTER SEQUENCE vividd_backup.fence SET SCHEMA vividd;
    END IF;
END
$body$;

CREATE TABLE vividd.node (
    node_id    text PRIMARY KEY,
    host       text NOT NULL,
    boot_id    uuid NOT NULL,
    pid        int NOT NULL,
    start_ticks bigint NOT NULL DEFAULT 0,
    version    text NOT NULL,
    capacity   jsonb NOT NULL DEFAULT '{}',
    load       jsonb NOT NULL DEFAULT '{}',
    draining   boolean NOT NULL DEFAULT false,
    started_at timestamptz NOT NULL DEFAULT now(),
    last_seen  timestamptz NOT NULL DEFAULT now(),
    previous_life text,
    twin_seen_at  timestamptz
);
COMMENT ON TABLE vividd.node IS 'Every render host that has ever said hello; kept up to date by its heartbeat.';
COMMENT ON COLUMN vividd.node.node_id IS 'Configured name of the daemon, unique in the fleet.';
COMMENT ON COLUMN vividd.node.host IS 'Host name, for people.';
COMMENT ON COLUMN vividd.node.boot_id IS 'Of the kernel; with pid and start_ticks it tells one life of the daemon from the next.';
COMMENT ON COLUMN vividd.node.pid IS 'Process id of vividd.';
COMMENT ON COLUMN vividd.node.start_ticks IS 'When that process started, in clock ticks since boot.';
COMMENT ON COLUMN vividd.node.version IS 'Version of vividd.';
COMMENT ON COLUMN vividd.node.capacity IS 'Slots of each lane, such as {"render": 2, "cpu": 8, "net": 16}.';
COMMENT ON COLUMN vividd.node.load IS 'Slots in use, queue length, free disk, as last reported.';
COMMENT ON COLUMN vividd.node.draining IS 'The host claims nothing new.';
COMMENT ON COLUMN vividd.node.started_at IS 'Start of this life of the daemon.';
COMMENT ON COLUMN vividd.node.last_seen IS 'Last heartbeat, by the clock of this server.';
COMMENT ON COLUMN vividd.node.previous_life IS 'Host, boot, pid and start of the daemon that had this name before; one that comes back after it was replaced is a twin.';
COMMENT ON COLUMN vividd.node.twin_seen_at IS 'When two living daemons were last seen to use this name, which is a mistake of configuration.';

CREATE SEQUENCE IF NOT EXISTS vividd.fence AS bigint;
COMMENT ON SEQUENCE vividd.fence IS 'Fence numbers: every claim and reclaim takes the next one, by way of vividd.next_fence().';

-- A server that takes over may lack the last numbers that were given out, as a standby does that was not synchronous.
-- Its timeline is higher, and comes first.
CREATE FUNCTION vividd.next_fence() RETURNS bigint LANGUAGE sql AS $function$
    SELECT ((('x' || pg_catalog.left(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 8))::bit(32)::bigint
             - 1) << 40) + pg_catalog.nextval('vividd.fence')
$function$;
COMMENT ON FUNCTION vividd.next_fence() IS 'A fence higher than any before, also after a failover: timeline of the server less one, then 40 bits of vividd.fence.';

-- Room in each page, and no index over what a renewal changes: renewals stay in place.
CREATE TABLE vividd.request_lease (
    request_id          uuid PRIMARY KEY REFERENCES content_requests ON DELETE CASCADE,
    fence               bigint NOT NULL DEFAULT vividd.next_fence(),
    node_id             text NOT NULL,
    boot_id             uuid NOT NULL,
    pid                 int NOT NULL DEFAULT 0,
    start_ticks         bigint NOT NULL DEFAULT 0,
    path                text NOT NULL CHECK (path IN ('text', 'media')),
    state               text NOT NULL DEFAULT 'leased'
                        CHECK (state IN ('leased', 'released', 'finished', 'buried')),
    crashes             int NOT NULL DEFAULT 0 CHECK (crashes >= 0),
    claimed_at          timestamptz NOT NULL DEFAULT now(),
    leased_until        timestamptz NOT NULL,
    retry_at            timestamptz,
    cancel_requested_at timestamptz,
    ended_at            timestamptz,
    reason              text
) WITH (fillfactor = 70);
CREATE INDEX request_lease_live ON vividd.request_lease (node_id) WHERE state = 'leased';
COMMENT ON TABLE vividd.request_lease IS 'Who may work on a request and write its results: whoever holds the current fence.';
COMMENT ON COLUMN vividd.request_lease.request_id IS 'The request.';
COMMENT ON COLUMN vividd.request_lease.fence IS 'Rises on every claim and reclaim; a write with another fence changes nothing.';
COMMENT ON COLUMN vividd.request_lease.node_id IS 'The host that holds it, for people; authority is the fence alone.';
COMMENT ON COLUMN vividd.request_lease.boot_id IS 'Boot of the host in which it was claimed.';
COMMENT ON COLUMN vividd.request_lease.pid IS 'Process that claimed it; with boot_id and start_ticks it tells one life of the daemon from the next.';
COMMENT ON COLUMN vividd.request_lease.start_ticks IS 'When that process started, in clock ticks since boot.';
COMMENT ON COLUMN vividd.request_lease.path IS 'text: answered by the text path; media: all others.';
COMMENT ON COLUMN vividd.request_lease.state IS 'leased: in work; released: given back; finished: has its final state; buried: crashed its hosts too often.';
COMMENT ON COLUMN vividd.request_lease.crashes IS 'How often its lease lapsed while a host worked on it.';
COMMENT ON COLUMN vividd.request_lease.claimed_at IS 'When the current fence was given.';
COMMENT ON COLUMN vividd.request_lease.leased_until IS 'By the clock of this server; past it, another host may claim.';
COMMENT ON COLUMN vividd.request_lease.retry_at IS 'Of a released one: nobody claims it before.';
COMMENT ON COLUMN vividd.request_lease.cancel_requested_at IS 'When a renewal found the request cancelled, if it was.';
COMMENT ON COLUMN vividd.request_lease.ended_at IS 'When state ceased to be leased.';
COMMENT ON COLUMN vividd.request_lease.reason IS 'Why it was released or buried.';

CREATE TABLE IF NOT EXISTS vividd.applied_delivery (
    request_id uuid NOT NULL,
    fence      bigint NOT NULL,
    kind       text NOT NULL,
    stage      text NOT NULL DEFAULT '',
    attempt    int NOT NULL DEFAULT 0,
    node_id    text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (request_id, fence, kind, stage, attempt)
);
CREATE INDEX IF NOT EXISTS applied_delivery_applied_at ON vividd.applied_delivery (applied_at);
COMMENT ON TABLE vividd.applied_delivery IS 'Outbox rows that have been applied, so that one sent again is recognised as a duplicate.';
COMMENT ON COLUMN vividd.applied_delivery.request_id IS 'The request it is about.';
COMMENT ON COLUMN vividd.applied_delivery.fence IS 'Fence under which it was written.';
COMMENT ON COLUMN vividd.applied_delivery.kind IS 'What it says: accepted, attempt, stage, final.';
COMMENT ON COLUMN vividd.applied_delivery.stage IS 'The stage it is about; empty for the whole request.';
COMMENT ON COLUMN vividd.applied_delivery.attempt IS 'The attempt it is about; 0 where there is but one.';
COMMENT ON COLUMN vividd.applied_delivery.node_id IS 'The host that sent it.';
COMMENT ON COLUMN vividd.applied_delivery.applied_at IS 'When; rows older than any host can resend are pruned.';

-- Costs and usage outlive the request: they have been spent, whether or not it is deleted.
CREATE TABLE IF NOT EXISTS vividd.request_cost (
    request_id      uuid NOT NULL,
    fence           bigint NOT NULL,
    entry           text NOT NULL DEFAULT 'cost' CHECK (entry IN ('cost', 'saving')),
    kind            text NOT NULL,
    stage           text NOT NULL DEFAULT '',
    organization_id varchar(100),
    modality        text NOT NULL CHECK (modality IN ('text', 'audio', 'video', 'images')),
    quantity        numeric NOT NULL CHECK (quantity >= 0),
    unit            text NOT NULL,
    unit_price_usd  numeric NOT NULL CHECK (unit_price_usd >= 0),
    usd             numeric NOT NULL GENERATED ALWAYS AS (quantity * unit_price_usd) STORED,
    incurred_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (request_id, fence, entry, kind, stage)
);
CREATE INDEX IF NOT EXISTS request_cost_incurred_at ON vividd.request_cost (incurred_at);
COMMENT ON TABLE vividd.request_cost IS 'What each request has cost, item by item; writing an item again replaces it.';
COMMENT ON COLUMN vividd.request_cost.request_id IS 'The request, which may have been deleted since.';
COMMENT ON COLUMN vividd.request_cost.fence IS 'The claim that spent it: an attempt that crashed has cost money too.';
COMMENT ON COLUMN vividd.request_cost.entry IS 'cost: spent; saving: what a text-only answer did not spend.';
COMMENT ON COLUMN vividd.request_cost.kind IS 'script, speech_characters, gpu_seconds, cpu_seconds, bytes_stored and the like, as the price table names them.';
COMMENT ON COLUMN vividd.request_cost.stage IS 'The stage that used it; empty for the whole request.';
COMMENT ON COLUMN vividd.request_cost.organization_id IS 'Of the request, copied so that it outlives it.';
COMMENT ON COLUMN vividd.request_cost.modality IS 'What the request preferred: text, audio, video, images.';
COMMENT ON COLUMN vividd.request_cost.quantity IS 'Measured use, in unit.';
COMMENT ON COLUMN vividd.request_cost.unit IS 'Unit of quantity: second, character, byte, request.';
COMMENT ON COLUMN vividd.request_cost.unit_price_usd IS 'Price of one unit when it was used.';
COMMENT ON COLUMN vividd.request_cost.usd IS 'quantity times unit_price_usd, exactly.';
COMMENT ON COLUMN vividd.request_cost.incurred_at IS 'When it was used.';

CREATE TABLE IF NOT EXISTS vividd.request_usage (
    request_id      uuid NOT NULL,
    modality        text NOT NULL CHECK (modality IN ('text', 'audio', 'video', 'images')),
    student_id      varchar(100) NOT NULL,
    organization_id varchar(100),
    month           date NOT NULL CHECK (EXTRACT(day FROM month) = 1),
    counted_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (request_id, modality)
);
CREATE INDEX IF NOT EXISTS request_usage_student_month ON vividd.request_usage (student_id, month);
COMMENT ON TABLE vividd.request_usage IS 'One row for each modality a request was answered in: usage is a count of rows, so nothing counts twice.';
COMMENT ON COLUMN vividd.request_usage.request_id IS 'The request, which may have been deleted since.';
COMMENT ON COLUMN vividd.request_usage.modality IS 'text, audio, video or images.';
COMMENT ON COLUMN vividd.request_usage.student_id IS 'The user it counts for.';
COMMENT ON COLUMN vividd.request_usage.organization_id IS 'Of the request, copied so that it outlives it.';
COMMENT ON COLUMN vividd.request_usage.month IS 'First day of the month (UTC) in which it was completed.';
COMMENT ON COLUMN vividd.request_usage.counted_at IS 'When it was counted.';

-- No unique key: appending never waits for another writer. The rollup reads and deletes the rows.
CREATE TABLE IF NOT EXISTS vividd.metrics_touch (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    time_bucket     timestamp NOT NULL,
    organization_id varchar(100)
);
COMMENT ON TABLE vividd.metrics_touch IS 'Hours and organizations whose request_metrics are out of date; whoever changes a request''s state appends to it.';
COMMENT ON COLUMN vividd.metrics_touch.id IS 'Order of arrival.';
COMMENT ON COLUMN vividd.metrics_touch.time_bucket IS 'Hour (UTC) in which the request was created.';
COMMENT ON COLUMN vividd.metrics_touch.organization_id IS 'Of the request; NULL for none.';

CREATE TABLE vividd.renewal_gate (
    one_row         boolean PRIMARY KEY DEFAULT true CHECK (one_row),
    accepting_since timestamptz NOT NULL DEFAULT now(),
    last_renewal_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO vividd.renewal_gate DEFAULT VALUES;
COMMENT ON TABLE vividd.renewal_gate IS 'One row: since when this server has been taking renewals without a gap. Nobody reclaims before that is a whole lease period ago.';
COMMENT ON COLUMN vividd.renewal_gate.one_row IS 'Always true: there is one row.';
COMMENT ON COLUMN vividd.renewal_gate.accepting_since IS 'Set anew by the first renewal after a gap longer than a lease period.';
COMMENT ON COLUMN vividd.renewal_gate.last_renewal_at IS 'Last renewal of any host.';

DO $body$
BEGIN
    IF to_regclass('vividd_backup.request_lease') IS NOT NULL THEN
        INSERT INTO vividd.request_lease
        SELECT b.* FROM vividd_backup.request_lease b JOIN content_requests r ON r.id = b.request_id;
        DROP TABLE vividd_backup.request_lease;
    END IF;
    DROP SCHEMA vividd_backup;
END
$body$;

INSERT INTO topics (topic_id, subject, unit, name, description, active)
VALUES ('unclassified', 'general', 'Unclassified', 'Unclassified',
        'Content whose request names no topic that the catalogue knows', false)
    ON CONFLICT (topic_id) DO NOTHING;

-- Hints only: a host that misses one finds the work by looking.
-- step: hints locks content_requests
CREATE FUNCTION vividd.hint_new_requests() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    PERFORM pg_catalog.pg_notify('vividd_requests', '');
    RETURN NULL;
END
$function$;
COMMENT ON FUNCTION vividd.hint_new_requests() IS 'Wakes render hosts that wait for requests.';
CREATE TRIGGER vividd_hint_new AFTER INSERT ON content_requests
    FOR EACH STATEMENT EXECUTE FUNCTION vividd.hint_new_requests();

CREATE FUNCTION vividd.hint_cancelled_request() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    PERFORM pg_catalog.pg_notify('vividd_cancelled', NEW.id::pg_catalog.text);
    RETURN NULL;
END
$function$;
COMMENT ON FUNCTION vividd.hint_cancelled_request() IS 'Tells the host that works on a request to stop.';
CREATE TRIGGER vividd_hint_cancelled AFTER UPDATE OF status ON content_requests FOR EACH ROW
    WHEN (NEW.status = 'cancelled' AND OLD.status <> 'cancelled') EXECUTE FUNCTION vividd.hint_cancelled_request();

-- The platform's trigger on request_stages counts completed stages alone, once for every row written. Whoever publishes
-- progress of its own says so for the length of its transaction (vividd.keeps_progress = on); for all others nothing
-- changes.
-- step: progress locks content_requests
CREATE FUNCTION vividd.keep_progress() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    NEW.progress_percentage := OLD.progress_percentage;
    NEW.current_stage := OLD.current_stage;
    -- Also compares columns whose type has no equality, such as json.
    IF NEW *= OLD THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END
$function$;
COMMENT ON FUNCTION vividd.keep_progress() IS 'Keeps other triggers from changing progress and stage of a request within a transaction that sets them itself.';
CREATE TRIGGER vividd_keep_progress BEFORE UPDATE OF progress_percentage, current_stage ON content_requests FOR EACH ROW
    WHEN (pg_trigger_depth() > 0 AND current_setting('vividd.keeps_progress', true) = 'on')
    EXECUTE FUNCTION vividd.keep_progress();

-- What waits, in the order in which it is taken, for media and for the text path: environment ('' for any), then rank:
-- time of creation less a minute for each step of priority. No value of request_metadata can make the expressions fail.
-- step: media_index no transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS vividd_content_requests_media ON content_requests (
    COALESCE(left(request_metadata ->> 'environment', 32), ''),
    (GREATEST(created_at, timestamp '2000-01-01') - CASE WHEN request_metadata ->> 'priority' ~ '^[0-9]$'
        THEN (request_metadata ->> 'priority')::int ELSE 5 END * interval '1 minute'),
    id)
    WHERE status = 'pending' AND NOT (requested_modalities <@ '["text"]' AND requested_modalities <> '[]');

-- step: text_index no transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS vividd_content_requests_text ON content_requests (
    COALESCE(left(request_metadata ->> 'environment', 32), ''),
    (GREATEST(created_at, timestamp '2000-01-01') - CASE WHEN request_metadata ->> 'priority' ~ '^[0-9]$'
        THEN (request_metadata ->> 'priority')::int ELSE 5 END * interval '1 minute'),
    id)
    WHERE status = 'pending' AND requested_modalities <@ '["text"]' AND requested_modalities <> '[]';

-- step: created_index no transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS vividd_content_requests_created ON content_requests (created_at);

-- step: content_request_index no transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS vividd_content_metadata_request ON content_metadata (request_id);
