-- Revision 0002, dual modality, minimal: what a student asked for. A new column is nullable at first, with a default
-- that old rows show without being rewritten; NOT NULL comes last, proven by a validated check, so that no lock that
-- stops a writer is held for longer than it takes to change the catalogue.

-- step: columns locks content_requests
CREATE TABLE IF NOT EXISTS content_requests_modality_backup (
    request_id           uuid PRIMARY KEY,
    requested_modalities jsonb,
    preferred_modality   varchar(50),
    modality_preferences jsonb,
    output_formats       jsonb,
    holds_0002           boolean NOT NULL DEFAULT false,
    holds_0003           boolean NOT NULL DEFAULT false
);
ALTER TABLE content_requests
    ADD COLUMN requested_modalities jsonb DEFAULT '["video"]',
    ADD COLUMN preferred_modality varchar(50) DEFAULT 'video',
    ADD COLUMN modality_preferences jsonb DEFAULT '{}';

-- What an earlier down saved comes back; a value that somebody has written since wins.
-- step: restore batch
WITH page AS (
    SELECT request_id, requested_modalities, preferred_modality, modality_preferences
      FROM content_requests_modality_backup
     WHERE holds_0002 AND ($1::uuid IS NULL OR request_id > $1::uuid)
     ORDER BY request_id
     LIMIT 2000
), restored AS (
    UPDATE content_requests r
       SET requested_modalities = CASE WHEN r.requested_modalities = '["video"]' THEN p.requested_modalities
                                       ELSE r.requested_modalities END,
           preferred_modality = CASE WHEN r.preferred_modality = 'video' THEN p.preferred_modality
                                     ELSE r.preferred_modality END,
           modality_preferences = CASE WHEN r.modality_preferences = '{}' THEN p.modality_preferences
                                       ELSE r.modality_preferences END
      FROM page p
     WHERE r.id = p.request_id
       AND (r.requested_modalities, r.preferred_modality, r.modality_preferences)
           IS DISTINCT FROM (p.requested_modalities, p.preferred_modality, p.modality_preferences)
    RETURNING 1
), cleared AS (
    UPDATE content_requests_modality_backup b SET holds_0002 = false FROM page p WHERE b.request_id = p.request_id
)
SELECT (SELECT request_id::text FROM page ORDER BY request_id DESC LIMIT 1), (SELECT count(*) FROM restored);

-- step: backfill batch
WITH page AS (
    SELECT id FROM content_requests WHERE $1::uuid IS NULL OR id > $1::uuid ORDER BY id LIMIT 5000
), filled AS (
    UPDATE content_requests r
       SET requested_modalities = COALESCE(r.requested_modalities, '["video"]'),
           preferred_modality = COALESCE(r.preferred_modality, 'video'),
           modality_preferences = COALESCE(r.modality_preferences, '{}')
      FROM page p
     WHERE r.id = p.id
       AND (r.requested_modalities IS NULL OR r.preferred_modality IS NULL OR r.modality_preferences IS NULL)
    RETURNING 1
)
SELECT (SELECT id::text FROM page ORDER BY id DESC LIMIT 1), (SELECT count(*) FROM filled);

-- step: checks locks content_requests
ALTER TABLE content_requests
    ADD CONSTRAINT content_requests_preferred_modality_check
        CHECK (preferred_modality IN ('text', 'audio', 'video', 'images')) NOT VALID,
    ADD CONSTRAINT content_requests_modality_not_null
        CHECK (requested_modalities IS NOT NULL AND preferred_modality IS NOT NULL
               AND modality_preferences IS NOT NULL) NOT VALID;

-- step: validate locks content_requests
ALTER TABLE content_requests VALIDATE CONSTRAINT content_requests_preferred_modality_check;
ALTER TABLE content_requests VALIDATE CONSTRAINT content_requests_modality_not_null;

-- The validated check spares SET NOT NULL its scan, and has then done its work.
-- step: not_null locks content_requests
ALTER TABLE content_requests
    ALTER COLUMN requested_modalities SET NOT NULL,
    ALTER COLUMN preferred_modality SET NOT NULL,
    ALTER COLUMN modality_preferences SET NOT NULL;
ALTER TABLE content_requests DROP CONSTRAINT content_requests_modality_not_null;

-- step: requested_index no transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS content_requests_requested_modalities
    ON content_requests USING gin (requested_modalities);

-- step: preferred_index no transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS content_requests_preferred_modality_status
    ON content_requests (preferred_modality, status)
    WHERE status NOT IN ('completed', 'failed', 'cancelled');

-- step: finish
DO $body$
BEGIN
    IF EXISTS (SELECT 1 FROM content_requests_modality_backup WHERE holds_0002) THEN
        RAISE EXCEPTION 'content_requests_modality_backup still holds rows of revision 0002';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM content_requests_modality_backup WHERE holds_0003) THEN
        DROP TABLE content_requests_modality_backup;
    END IF;
END
$body$;
