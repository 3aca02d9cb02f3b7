-- Takes revision 0003 back. Everything it drops is in backup tables first: triggers copy what is written from now on
-- while batches copy the rest. The drop itself is one short transaction, in an order that leaves no trigger or view
-- without the columns it reads.

-- step: mirror_requests locks content_requests
CREATE TABLE IF NOT EXISTS content_requests_modality_backup (
    request_id           uuid PRIMARY KEY,
    requested_modalities jsonb,
    preferred_modality   varchar(50),
    modality_preferences jsonb,
    output_formats       jsonb,
    holds_0002           boolean NOT NULL DEFAULT false,
    holds_0003           boolean NOT NULL DEFAULT false
);
CREATE FUNCTION vividd.mirror_requests_0003() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $function$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM content_requests_modality_backup WHERE request_id = OLD.id;
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.id <> NEW.id THEN
        UPDATE content_requests_modality_backup SET request_id = NEW.id WHERE request_id = OLD.id;
    END IF;
    INSERT INTO content_requests_modality_backup
        (request_id, output_formats, holds_0003)
    VALUES (NEW.id, NEW.output_formats, true)
    ON CONFLICT (request_id) DO UPDATE
       SET output_formats = EXCLUDED.output_formats,
           holds_0003 = true;
    RETURN NULL;
END
$function$;
CREATE TRIGGER vividd_mirror_0003 AFTER INSERT OR DELETE ON content_requests
    FOR EACH ROW EXECUTE FUNCTION vividd.mirror_requests_0003();
CREATE TRIGGER vividd_mirror_0003_update AFTER UPDATE ON content_requests FOR EACH ROW
    WHEN ((OLD.id, OLD.output_formats)
          IS DISTINCT FROM
          (NEW.id, NEW.output_formats))
    EXECUTE FUNCTION vividd.mirror_requests_0003();

-- step: mirror_content locks content_metadata
CREATE TABLE IF NOT EXISTS content_metadata_modality_backup (
    content_id             varchar(100) PRIMARY KEY,
    modality_type          varchar(50),
    text_content           text,
    text_language          varchar(10),
    audio_url              text,
    audio_language         varchar(10),
    audio_duration_seconds int,
    captions_url           text,
    captions_format        varchar(20),
    image_urls             jsonb,
    supported_formats      jsonb
);
CREATE FUNCTION vividd.mirror_content_0003() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $function$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM content_metadata_modality_backup WHERE content_id = OLD.content_id;
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.content_id <> NEW.content_id THEN
        UPDATE content_metadata_modality_backup SET content_id = NEW.content_id WHERE content_id = OLD.content_id;
    END IF;
    INSERT INTO content_metadata_modality_backup
        (content_id, modality_type, text_content, text_language, audio_url, audio_language,
         audio_duration_seconds, captions_url, captions_format, image_urls, supported_formats)
    VALUES (NEW.content_id, NEW.modality_type, NEW.text_content, NEW.text_language, NEW.audio_url,
            NEW.audio_language, NEW.audio_duration_seconds, NEW.captions_url, NEW.captions_format,
            NEW.image_urls, NEW.supported_formats)
    ON CONFLICT (content_id) DO UPDATE
       SET modality_type = EXCLUDED.modality_type,
           text_content = EXCLUDED.text_content,
           text_language = EXCLUDED.text_language,
           audio_url = EXCLUDED.audio_url,
           audio_language = EXCLUDED.audio_language,
           audio_duration_seconds = EXCLUDED.audio_duration_seconds,
           captions_url = EXCLUDED.captions_url,
           captions_format = EXCLUDED.captions_format,
           image_urls = EXCLUDED.image_urls,
           supported_formats = EXCLUDED.supported_formats;
    RETURN NULL;
END
$function$;
CREATE TRIGGER vividd_mirror_0003 AFTER INSERT OR DELETE ON content_metadata
    FOR EACH ROW EXECUTE FUNCTION vividd.mirror_content_0003();
CREATE TRIGGER vividd_mirror_0003_update AFTER UPDATE ON content_metadata FOR EACH ROW
    WHEN ((OLD.content_id, OLD.modality_type, OLD.text_content, OLD.text_language, OLD.audio_url,
           OLD.audio_language, OLD.audio_duration_seconds, OLD.captions_url, OLD.captions_format,
           OLD.image_urls, OLD.supported_formats)
          IS DISTINCT FROM
          (NEW.content_id, NEW.modality_type, NEW.text_content, NEW.text_language, NEW.audio_url,
           NEW.audio_language, NEW.audio_duration_seconds, NEW.captions_url, NEW.captions_format,
           NEW.image_urls, NEW.supported_formats))
    EXECUTE FUNCTION vividd.mirror_content_0003();

-- step: mirror_users locks users
CREATE TABLE IF NOT EXISTS users_modality_backup (
    user_id                      varchar(100) PRIMARY KEY,
    content_modality_preferences jsonb,
    accessibility_settings       jsonb,
    language_preference          varchar(10)
);
CREATE FUNCTION vividd.mirror_users_0003() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $function$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM users_modality_backup WHERE user_id = OLD.user_id;
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.user_id <> NEW.user_id THEN
        UPDATE users_modality_backup SET user_id = NEW.user_id WHERE user_id = OLD.user_id;
    END IF;
    INSERT INTO users_modality_backup
        (user_id, content_modality_preferences, accessibility_settings, language_preference)
    VALUES (NEW.user_id, NEW.content_modality_preferences, NEW.accessibility_settings, NEW.language_preference)
    ON CONFLICT (user_id) DO UPDATE
       SET content_modality_preferences = EXCLUDED.content_modality_preferences,
           accessibility_settings = EXCLUDED.accessibility_settings,
           language_preference = EXCLUDED.language_preference;
    RETURN NULL;
END
$function$;
CREATE TRIGGER vividd_mirror_0003 AFTER INSERT OR DELETE ON users
    FOR EACH ROW EXECUTE FUNCTION vividd.mirror_users_0003();
CREATE TRIGGER vividd_mirror_0003_update AFTER UPDATE ON users FOR EACH ROW
    WHEN ((OLD.user_id, OLD.content_modality_preferences, OLD.accessibility_settings, OLD.language_preference)
          IS DISTINCT FROM
          (NEW.user_id, NEW.content_modality_preferences, NEW.accessibility_settings, NEW.language_preference))
    EXECUTE FUNCTION vividd.mirror_users_0003();

-- step: mirror_metrics locks request_metrics
CREATE TABLE IF NOT EXISTS request_metrics_modality_backup (
    id                         uuid PRIMARY KEY,
    text_request_count         int,
    audio_request_count        int,
    video_request_count        int,
    image_request_count        int,
    avg_text_duration_seconds  numeric(10, 2),
    avg_audio_duration_seconds numeric(10, 2),
    avg_video_duration_seconds numeric(10, 2),
    avg_image_duration_seconds numeric(10, 2)
);
CREATE FUNCTION vividd.mirror_metrics_0003() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $function$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM request_metrics_modality_backup WHERE id = OLD.id;
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.id <> NEW.id THEN
        UPDATE request_metrics_modality_backup SET id = NEW.id WHERE id = OLD.id;
    END IF;
    INSERT INTO request_metrics_modality_backup
        (id, text_request_count, audio_request_count, video_request_count, image_request_count,
         avg_text_duration_seconds, avg_audio_duration_seconds, avg_video_duration_seconds,
         avg_image_duration_seconds)
    VALUES (NEW.id, NEW.text_request_count, NEW.audio_request_count, NEW.video_request_count,
            NEW.image_request_count, NEW.avg_text_duration_seconds, NEW.avg_audio_duration_seconds,
            NEW.avg_video_duration_seconds, NEW.avg_image_duration_seconds)
    ON CONFLICT (id) DO UPDATE
       SET text_request_count = EXCLUDED.text_request_count,
           audio_request_count = EXCLUDED.audio_request_count,
           video_request_count = EXCLUDED.video_request_count,
           image_request_count = EXCLUDED.image_request_count,
           avg_text_duration_seconds = EXCLUDED.avg_text_duration_seconds,
           avg_audio_duration_seconds = EXCLUDED.avg_audio_duration_seconds,
           avg_video_duration_seconds = EXCLUDED.avg_video_duration_seconds,
           avg_image_duration_seconds = EXCLUDED.avg_image_duration_seconds;
    RETURN NULL;
END
$function$;
CREATE TRIGGER vividd_mirror_0003 AFTER INSERT OR DELETE ON request_metrics
    FOR EACH ROW EXECUTE FUNCTION vividd.mirror_metrics_0003();
CREATE TRIGGER vividd_mirror_0003_update AFTER UPDATE ON request_metrics FOR EACH ROW
    WHEN ((OLD.id, OLD.text_request_count, OLD.audio_request_count, OLD.video_request_count,
           OLD.image_request_count, OLD.avg_text_duration_seconds, OLD.avg_audio_duration_seconds,
           OLD.avg_video_duration_seconds, OLD.avg_image_duration_seconds)
          IS DISTINCT FROM
          (NEW.id, NEW.text_request_count, NEW.audio_request_count, NEW.video_request_count,
           NEW.image_request_count, NEW.avg_text_duration_seconds, NEW.avg_audio_duration_seconds,
           NEW.avg_video_duration_seconds, NEW.avg_image_duration_seconds))
    EXECUTE FUNCTION vividd.mirror_metrics_0003();

-- A row that a trigger has saved is newer than the one read here, and stays.
-- step: save_requests batch
WITH page AS (
    SELECT id, output_formats
      FROM content_requests
     WHERE $1::uuid IS NULL OR id > $1::uuid
     ORDER BY id
     LIMIT 5000
), saved AS (
    INSERT INTO content_requests_modality_backup AS b
        (request_id, output_formats, holds_0003)
    SELECT id, output_formats, true
      FROM page
    ON CONFLICT (request_id) DO UPDATE
       SET output_formats = EXCLUDED.output_formats,
           holds_0003 = true
     WHERE NOT b.holds_0003
    RETURNING 1
)
SELECT (SELECT id::text FROM page ORDER BY id DESC LIMIT 1), (SELECT count(*) FROM saved);

-- step: save_content batch
WITH page AS (
    SELECT content_id, modality_type, text_content, text_language, audio_url, audio_language,
           audio_duration_seconds, captions_url, captions_format, image_urls, supported_formats
      FROM content_metadata
     WHERE $1::text IS NULL OR content_id > $1::text
     ORDER BY content_id
     LIMIT 2000
), saved AS (
    INSERT INTO content_metadata_modality_backup AS b
        (content_id, modality_type, text_content, text_language, audio_url, audio_language,
         audio_duration_seconds, captions_url, captions_format, image_urls, supported_formats)
    SELECT content_id, modality_type, text_content, text_language, audio_url, audio_language,
           audio_duration_seconds, captions_url, captions_format, image_urls, supported_formats
      FROM page
    ON CONFLICT (content_id) DO NOTHING
    RETURNING 1
)
SELECT (SELECT content_id FROM page ORDER BY content_id DESC LIMIT 1), (SELECT count(*) FROM saved);

-- step: save_users batch
WITH page AS (
    SELECT user_id, content_modality_preferences, accessibility_settings, language_preference
      FROM users
     WHERE $1::text IS NULL OR user_id > $1::text
     ORDER BY user_id
     LIMIT 5000
), saved AS (
    INSERT INTO users_modality_backup AS b
        (user_id, content_modality_preferences, accessibility_settings, language_preference)
    SELECT user_id, content_modality_preferences, accessibility_settings, language_preference
      FROM page
    ON CONFLICT (user_id) DO NOTHING
    RETURNING 1
)
SELECT (SELECT user_id FROM page ORDER BY user_id DESC LIMIT 1), (SELECT count(*) FROM saved);

-- step: save_metrics batch
WITH page AS (
    SELECT id, text_request_count, audio_request_count, video_request_count, image_request_count,
           avg_text_duration_seconds, avg_audio_duration_seconds, avg_video_duration_seconds,
           avg_image_duration_seconds
      FROM request_metrics
     WHERE $1::uuid IS NULL OR id > $1::uuid
     ORDER BY id
     LIMIT 5000
), saved AS (
    INSERT INTO request_metrics_modality_backup AS b
        (id, text_request_count, audio_request_count, video_request_count, image_request_count,
         avg_text_duration_seconds, avg_audio_duration_seconds, avg_video_duration_seconds,
         avg_image_duration_seconds)
    SELECT id, text_request_count, audio_request_count, video_request_count, image_request_count,
           avg_text_duration_seconds, avg_audio_duration_seconds, avg_video_duration_seconds,
           avg_image_duration_seconds
      FROM page
    ON CONFLICT (id) DO NOTHING
    RETURNING 1
)
SELECT (SELECT id::text FROM page ORDER BY id DESC LIMIT 1), (SELECT count(*) FROM saved);

-- step: check_saved
DO $body$
DECLARE
    unsaved bigint;
BEGIN
    SELECT count(*) INTO unsaved
      FROM content_requests t
     WHERE NOT EXISTS (SELECT 1 FROM content_requests_modality_backup b WHERE b.request_id = t.id AND b.holds_0003);
    IF unsaved > 0 THEN
        RAISE EXCEPTION '% rows of content_requests are not in content_requests_modality_backup', unsaved;
    END IF;
    SELECT count(*) INTO unsaved
      FROM content_metadata t
     WHERE NOT EXISTS (SELECT 1 FROM content_metadata_modality_backup b WHERE b.content_id = t.content_id);
    IF unsaved > 0 THEN
        RAISE EXCEPTION '% rows of content_metadata are not in content_metadata_modality_backup', unsaved;
    END IF;
    SELECT count(*) INTO unsaved
      FROM users t
     WHERE NOT EXISTS (SELECT 1 FROM users_modality_backup b WHERE b.user_id = t.user_id);
    IF unsaved > 0 THEN
        RAISE EXCEPTION '% rows of users are not in users_modality_backup', unsaved;
    END IF;
    SELECT count(*) INTO unsaved
      FROM request_metrics t
     WHERE NOT EXISTS (SELECT 1 FROM request_metrics_modality_backup b WHERE b.id = t.id);
    IF unsaved > 0 THEN
        RAISE EXCEPTION '% rows of request_metrics are not in request_metrics_modality_backup', unsaved;
    END IF;
END
$body$;

-- step: drop locks content_requests, content_metadata, users, request_metrics
DROP TRIGGER vividd_mirror_0003 ON content_requests;
DROP TRIGGER vividd_mirror_0003_update ON content_requests;
DROP TRIGGER vividd_mirror_0003 ON content_metadata;
DROP TRIGGER vividd_mirror_0003_update ON content_metadata;
DROP TRIGGER vividd_mirror_0003 ON users;
DROP TRIGGER vividd_mirror_0003_update ON users;
DROP TRIGGER vividd_mirror_0003 ON request_metrics;
DROP TRIGGER vividd_mirror_0003_update ON request_metrics;
DROP FUNCTION vividd.mirror_requests_0003();
DROP FUNCTION vividd.mirror_content_0003();
DROP FUNCTION vividd.mirror_users_0003();
DROP FUNCTION vividd.mirror_metrics_0003();
-- A database made by hand has triggers of other names; one that is left behind would fail every write of content.
DO $body$
DECLARE
    found record;
BEGIN
    FOR found IN SELECT t.tgname, p.oid::regprocedure AS function
                   FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
                  WHERE t.tgrelid = 'content_metadata'::regclass AND NOT t.tgisinternal
                    AND p.prosrc ~ 'output_formats' LOOP
        EXECUTE format('DROP TRIGGER %I ON content_metadata', found.tgname);
        IF NOT EXISTS (SELECT 1 FROM pg_trigger WHERE tgfoid = found.function::oid) THEN
            EXECUTE format('DROP FUNCTION %s', found.function);
        END IF;
    END LOOP;
END
$body$;
DROP VIEW content_modality_usage_summary;
DROP VIEW user_modality_preferences_summary;
DROP INDEX IF EXISTS content_metadata_modality_status;
DROP INDEX IF EXISTS users_language_preference;
DROP INDEX IF EXISTS content_metadata_supported_formats;
CREATE TABLE IF NOT EXISTS pipeline_stages_modality_backup (
    id                         uuid PRIMARY KEY,
    stage_name                 varchar(100),
    display_name               varchar(200),
    stage_order                int,
    estimated_duration_seconds int,
    description                text,
    is_critical                boolean
);
WITH removed AS (
    DELETE FROM pipeline_stage_definitions
     WHERE stage_name IN ('text_generation', 'audio_synthesis', 'image_generation', 'format_conversion')
    RETURNING id, stage_name, display_name, stage_order, estimated_duration_seconds, description, is_critical
)
INSERT INTO pipeline_stages_modality_backup SELECT * FROM removed ON CONFLICT (id) DO NOTHING;
ALTER TABLE content_requests
    DROP COLUMN output_formats;
ALTER TABLE content_metadata
    DROP COLUMN modality_type,
    DROP COLUMN text_content,
    DROP COLUMN text_language,
    DROP COLUMN audio_url,
    DROP COLUMN audio_language,
    DROP COLUMN audio_duration_seconds,
    DROP COLUMN captions_url,
    DROP COLUMN captions_format,
    DROP COLUMN image_urls,
    DROP COLUMN supported_formats;
ALTER TABLE users
    DROP COLUMN content_modality_preferences,
    DROP COLUMN accessibility_settings,
    DROP COLUMN language_preference;
ALTER TABLE request_metrics
    DROP COLUMN text_request_count,
    DROP COLUMN audio_request_count,
    DROP COLUMN video_request_count,
    DROP COLUMN image_request_count,
    DROP COLUMN avg_text_duration_seconds,
    DROP COLUMN avg_audio_duration_seconds,
    DROP COLUMN avg_video_duration_seconds,
    DROP COLUMN avg_image_duration_seconds;
DO $body$
DECLARE
    problem text;
BEGIN
    SELECT string_agg(what, ', ') INTO problem FROM (
        SELECT format('column %s.%s', attrelid::regclass, attname) AS what
          FROM pg_attribute
         WHERE attrelid IN ('content_requests'::regclass, 'content_metadata'::regclass, 'users'::regclass,
                            'request_metrics'::regclass)
           AND NOT attisdropped
           AND attname IN ('accessibility_settings', 'audio_duration_seconds', 'audio_language',
                           'audio_request_count', 'audio_url', 'avg_audio_duration_seconds',
                           'avg_image_duration_seconds', 'avg_text_duration_seconds',
                           'avg_video_duration_seconds', 'captions_format', 'captions_url',
                           'content_modality_preferences', 'image_request_count', 'image_urls',
                           'language_preference', 'modality_type', 'output_formats', 'supported_formats',
                           'text_content', 'text_language', 'text_request_count', 'video_request_count')
        UNION ALL
        SELECT format('view %s', name)
          FROM unnest(ARRAY['content_modality_usage_summary', 'user_modality_preferences_summary']) AS name
         WHERE to_regclass(name) IS NOT NULL
        UNION ALL
        SELECT format('trigger %s', t.tgname)
          FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
         WHERE NOT t.tgisinternal AND (t.tgname LIKE 'vividd_mirror_0003%' OR p.prosrc ~ 'output_formats')
        UNION ALL
        SELECT format('stage row %s', stage_name)
          FROM pipeline_stage_definitions
         WHERE stage_name IN ('text_generation', 'audio_synthesis', 'image_generation', 'format_conversion')) AS left_behind;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION 'revision 0003 is not gone: %', problem;
    END IF;
END
$body$;
