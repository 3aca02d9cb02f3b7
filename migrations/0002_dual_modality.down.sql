-- Takes revision 0002 back. Everything it drops is in content_requests_modality_backup first: a trigger copies what is
-- written from now on while batches copy the rest. The drop itself is one short transaction.

-- step: mirror locks content_requests
CREATE TABLE IF NOT EXISTS content_requests_modality_backup (
    request_id           uuid PRIMARY KEY,
    requested_modalities jsonb,
    preferred_modality   varchar(50),
    modality_preferences jsonb,
    output_formats       jsonb,
    holds_0002           boolean NOT NULL DEFAULT false,
    holds_0003           boolean NOT NULL DEFAULT false
);
-- With the rights of its owner: whoever writes requests need not be allowed to write backups.
CREATE FUNCTION vividd.mirror_requests_0002() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $function$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM content_requests_modality_backup WHERE request_id = OLD.id;
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.id <> NEW.id THEN
        UPDATE content_requests_modality_backup SET request_id = NEW.id WHERE request_id = OLD.id;
    END IF;
    INSERT INTO content_requests_modality_backup AS b
        (request_id, requested_modalities, preferred_modality, modality_preferences, holds_0002)
    VALUES (NEW.id, NEW.requested_modalities, NEW.preferred_modality, NEW.modality_preferences, true)
    ON CONFLICT (request_id) DO UPDATE
       SET requested_modalities = EXCLUDED.requested_modalities,
           preferred_modality = EXCLUDED.preferred_modality,
           modality_preferences = EXCLUDED.modality_preferences,
           holds_0002 = true;
    RETURN NULL;
END
$function$;
CREATE TRIGGER vividd_mirror_0002 AFTER INSERT OR DELETE ON content_requests
    FOR EACH ROW EXECUTE FUNCTION vividd.mirror_requests_0002();
CREATE TRIGGER vividd_mirror_0002_update AFTER UPDATE ON content_requests FOR EACH ROW
    WHEN ((OLD.id, OLD.requested_modalities, OLD.preferred_modality, OLD.modality_preferences)
          IS DISTINCT FROM (NEW.id, NEW.requested_modalities, NEW.preferred_modality, NEW.modality_preferences))
    EXECUTE FUNCTION vividd.mirror_requests_0002();

-- A row that the trigger has saved is newer than the one read here, and stays.
-- step: save batch
WITH page AS (
    SELECT id, requested_modalities, preferred_modality, modality_preferences
      FROM content_requests
     WHERE $1::uuid IS NULL OR id > $1::uuid
     ORDER BY id
     LIMIT 5000
), saved AS (
    INSERT INTO content_requests_modality_backup AS b
        (request_id, requested_modalities, preferred_modality, modality_preferences, holds_0002)
    SELECT id, requested_modalities, preferred_modality, modality_preferences, true FROM page
    ON CONFLICT (request_id) DO UPDATE
       SET requested_modalities = EXCLUDED.requested_modalities,
           preferred_modality = EXCLUDED.preferred_modality,
           modality_preferences = EXCLUDED.modality_preferences,
           holds_0002 = true
     WHERE NOT b.holds_0002
    RETURNING 1
)
SELECT (SELECT id::text FROM page ORDER BY id DESC LIMIT 1), (SELECT count(*) FROM saved);

-- step: check_saved
DO $body$
DECLARE
    unsaved bigint;
BEGIN
    SELECT count(*) INTO unsaved
      FROM content_requests r
     WHERE NOT EXISTS (SELECT 1 FROM content_requests_modality_backup b WHERE b.request_id = r.id AND b.holds_0002);
    IF unsaved > 0 THEN
        RAISE EXCEPTION '% rows of content_requests are not in content_requests_modality_backup', unsaved;
    END IF;
END
$body$;

-- step: drop locks content_requests
DROP TRIGGER vividd_mirror_0002 ON content_requests;
DROP TRIGGER vividd_mirror_0002_update ON content_requests;
DROP FUNCTION vividd.mirror_requests_0002();
DROP INDEX IF EXISTS content_requests_requested_modalities;
DROP INDEX IF EXISTS content_requests_preferred_modality_status;
ALTER TABLE content_requests
    DROP COLUMN requested_modalities,
    DROP COLUMN preferred_modality,
    DROP COLUMN modality_preferences;
DO $body$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_attribute
                WHERE attrelid = 'content_requests'::regclass AND NOT attisdropped
                  AND attname IN ('requested_modalities', 'preferred_modality', 'modality_preferences')) THEN
        RAISE EXCEPTION 'content_requests still has columns of revision 0002';
    END IF;
    IF EXISTS (SELECT 1 FROM pg_trigger
                WHERE tgrelid = 'content_requests'::regclass AND tgname LIKE 'vividd_mirror_0002%') THEN
        RAISE EXCEPTION 'content_requests still has the triggers that saved revision 0002';
    END IF;
END
$body$;
