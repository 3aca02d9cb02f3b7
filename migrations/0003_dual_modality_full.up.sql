-- Revision 0003, dual modality, full: what was made, and what a user needs. The order of work on each table is that of
-- revision 0002: nullable columns, data in batches, checks, proof, NOT NULL, indexes.

-- step: request_columns locks content_requests
CREATE TABLE IF NOT EXISTS content_requests_modality_backup (
    request_id           uuid PRIMARY KEY,
    requested_modalities jsonb,
    preferred_modality   varchar(50),
    modality_preferences jsonb,
    output_formats       jsonb,
    holds_0002           boolean NOT NULL DEFAULT false,
    holds_0003           boolean NOT NULL DEFAULT false
);
ALTER TABLE content_requests ADD COLUMN output_formats jsonb DEFAULT '[]';

-- step: content_columns locks content_metadata
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
ALTER TABLE content_metadata
    ADD COLUMN modality_type varchar(50) DEFAULT 'video',
    ADD COLUMN text_content text,
    ADD COLUMN text_language varchar(10) DEFAULT 'en',
    ADD COLUMN audio_url text,
    ADD COLUMN audio_language varchar(10) DEFAULT 'en',
    ADD COLUMN audio_duration_seconds int,
    ADD COLUMN captions_url text,
    ADD COLUMN captions_format varchar(20) DEFAULT 'vtt',
    ADD COLUMN image_urls jsonb DEFAULT '[]',
    ADD COLUMN supported_formats jsonb DEFAULT '["video"]';

-- step: user_columns locks users
CREATE TABLE IF NOT EXISTS users_modality_backup (
    user_id                      varchar(100) PRIMARY KEY,
    content_modality_preferences jsonb,
    accessibility_settings       jsonb,
    language_preference          varchar(10)
);
ALTER TABLE users
    ADD COLUMN content_modality_preferences jsonb DEFAULT '{"default": "video"}',
    ADD COLUMN accessibility_settings jsonb DEFAULT '{}',
    ADD COLUMN language_preference varchar(10) DEFAULT 'en';

-- step: metric_columns locks request_metrics
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
ALTER TABLE request_metrics
    ADD COLUMN text_request_count int DEFAULT 0,
    ADD COLUMN audio_request_count int DEFAULT 0,
    ADD COLUMN video_request_count int DEFAULT 0,
    ADD COLUMN image_request_count int DEFAULT 0,
    ADD COLUMN avg_text_duration_seconds numeric(10, 2),
    ADD COLUMN avg_audio_duration_seconds numeric(10, 2),
    ADD COLUMN avg_video_duration_seconds numeric(10, 2),
    ADD COLUMN avg_image_duration_seconds numeric(10, 2);

-- Rows that an earlier down saved are left to the restoring steps: their text may differ from the script, or be none.
-- step: backfill_content batch
WITH page AS (
    SELECT content_id FROM content_metadata WHERE $1::text IS NULL OR content_id > $1::text
     ORDER BY content_id LIMIT 2000
), filled AS (
    UPDATE content_metadata c
       SET text_content = CASE WHEN b.content_id IS NULL THEN COALESCE(c.text_content, c.script_content)
                               ELSE c.text_content END,
           modality_type = COALESCE(c.modality_type, 'video'),
           image_urls = COALESCE(c.image_urls, '[]'),
           supported_formats = COALESCE(c.supported_formats, '["video"]')
      FROM page p LEFT JOIN content_metadata_modality_backup b USING (content_id)
     WHERE c.content_id = p.content_id
       AND ((c.text_content IS NULL AND c.script_content IS NOT NULL AND b.content_id IS NULL)
            OR c.modality_type IS NULL OR c.image_urls IS NULL OR c.supported_formats IS NULL)
    RETURNING 1
)
SELECT (SELECT content_id FROM page ORDER BY content_id DESC LIMIT 1), (SELECT count(*) FROM filled);

-- step: backfill_users batch
WITH page AS (
    SELECT user_id FROM users WHERE $1::text IS NULL OR user_id > $1::text ORDER BY user_id LIMIT 5000
), filled AS (
    UPDATE users u
       SET content_modality_preferences = COALESCE(u.content_modality_preferences, '{"default": "video"}'),
           accessibility_settings = COALESCE(u.accessibility_settings, '{}'),
           language_preference = COALESCE(u.language_preference, 'en')
      FROM page p
     WHERE u.user_id = p.user_id
       AND (u.content_modality_preferences IS NULL OR u.accessibility_settings IS NULL OR u.language_preference IS NULL)
    RETURNING 1
)
SELECT (SELECT user_id FROM page ORDER BY user_id DESC LIMIT 1), (SELECT count(*) FROM filled);

-- step: restore_requests batch
WITH page AS (
    SELECT request_id, output_formats
      FROM content_requests_modality_backup
     WHERE holds_0003 AND ($1::uuid IS NULL OR request_id > $1::uuid)
     ORDER BY request_id
     LIMIT 2000
), restored AS (
    UPDATE content_requests r
       SET output_formats = p.output_formats
      FROM page p
     WHERE r.id = p.request_id AND r.output_formats = '[]' AND p.output_formats IS DISTINCT FROM '[]'
    RETURNING 1
), cleared AS (
    UPDATE content_requests_modality_backup b SET holds_0003 = false FROM page p WHERE b.request_id = p.request_id
)
SELECT (SELECT request_id::text FROM page ORDER BY request_id DESC LIMIT 1), (SELECT count(*) FROM restored);

-- step: restore_content batch
WITH page AS (
    DELETE FROM content_metadata_modality_backup
     WHERE content_id IN (SELECT content_id FROM content_metadata_modality_backup WHERE $1::text IS NULL OR content_id > $1::text
                          ORDER BY content_id LIMIT 2000)
    RETURNING *
), restored AS (
    UPDATE content_metadata c
       SET modality_type = CASE WHEN c.modality_type = 'video' THEN p.modality_type ELSE c.modality_type END,
           text_content = COALESCE(c.text_content, p.text_content),
           text_language = CASE WHEN c.text_language = 'en' THEN p.text_language ELSE c.text_language END,
           audio_url = COALESCE(c.audio_url, p.audio_url),
           audio_language = CASE WHEN c.audio_language = 'en' THEN p.audio_language ELSE c.audio_language END,
           audio_duration_seconds = COALESCE(c.audio_duration_seconds, p.audio_duration_seconds),
           captions_url = COALESCE(c.captions_url, p.captions_url),
           captions_format = CASE WHEN c.captions_format = 'vtt' THEN p.captions_format ELSE c.captions_format END,
           image_urls = CASE WHEN c.image_urls = '[]' THEN p.image_urls ELSE c.image_urls END,
           supported_formats = CASE WHEN c.supported_formats = '["video"]' THEN p.supported_formats
                                    ELSE c.supported_formats END
      FROM page p
     WHERE c.content_id = p.content_id
       AND (c.modality_type, c.text_content, c.text_language, c.audio_url, c.audio_language, c.audio_duration_seconds,
            c.captions_url, c.captions_format, c.image_urls, c.supported_formats)
           IS DISTINCT FROM
           (p.modality_type, p.text_content, p.text_language, p.audio_url, p.audio_language, p.audio_duration_seconds,
            p.captions_url, p.captions_format, p.image_urls, p.supported_formats)
    RETURNING 1
)
SELECT (SELECT max(content_id) FROM page), (SELECT count(*) FROM restored);

-- step: restore_users batch
WITH page AS (
    DELETE FROM users_modality_backup
     WHERE user_id IN (SELECT user_id FROM users_modality_backup WHERE $1::text IS NULL OR user_id > $1::text
                       ORDER BY user_id LIMIT 2000)
    RETURNING *
), restored AS (
    UPDATE users u
       SET content_modality_preferences = CASE WHEN u.content_modality_preferences = '{"default": "video"}'
                                               THEN p.content_modality_preferences
                                               ELSE u.content_modality_preferences END,
           accessibility_settings = CASE WHEN u.accessibility_settings = '{}' THEN p.accessibility_settings
                                         ELSE u.accessibility_settings END,
           language_preference = CASE WHEN u.language_preference = 'en' THEN p.language_preference
                                      ELSE u.language_preference END
      FROM page p
     WHERE u.user_id = p.user_id
       AND (u.content_modality_preferences, u.accessibility_settings, u.language_preference)
           IS DISTINCT FROM (p.content_modality_preferences, p.accessibility_settings, p.language_preference)
    RETURNING 1
)
SELECT (SELECT max(user_id) FROM page), (SELECT count(*) FROM restored);

-- step: restore_metrics batch
WITH page AS (
    DELETE FROM request_metrics_modality_backup
     WHERE id IN (SELECT id FROM request_metrics_modality_backup WHERE $1::uuid IS NULL OR id > $1::uuid
                  ORDER BY id LIMIT 2000)
    RETURNING *
), restored AS (
    UPDATE request_metrics m
       SET text_request_count = CASE WHEN m.text_request_count = 0 THEN p.text_request_count
                                     ELSE m.text_request_count END,
           audio_request_count = CASE WHEN m.audio_request_count = 0 THEN p.audio_request_count
                                      ELSE m.audio_request_count END,
           video_request_count = CASE WHEN m.video_request_count = 0 THEN p.video_request_count
                                      ELSE m.video_request_count END,
           image_request_count = CASE WHEN m.image_request_count = 0 THEN p.image_request_count
                                      ELSE m.image_request_count END,
           avg_text_duration_seconds = COALESCE(m.avg_text_duration_seconds, p.avg_text_duration_seconds),
           avg_audio_duration_seconds = COALESCE(m.avg_audio_duration_seconds, p.avg_audio_duration_seconds),
           avg_video_duration_seconds = COALESCE(m.avg_video_duration_seconds, p.avg_video_duration_seconds),
           avg_image_duration_seconds = COALESCE(m.avg_image_duration_seconds, p.avg_image_duration_seconds)
      FROM page p
     WHERE m.id = p.id
    RETURNING 1
)
SELECT (SELECT max(id::text) FROM page), (SELECT count(*) FROM restored);

-- step: content_checks locks content_metadata
ALTER TABLE content_metadata
    ADD CONSTRAINT content_metadata_modality_type_check
        CHECK (modality_type IN ('text', 'audio', 'video', 'images')) NOT VALID,
    ADD CONSTRAINT content_metadata_modality_not_null
        CHECK (modality_type IS NOT NULL AND image_urls IS NOT NULL AND supported_formats IS NOT NULL) NOT VALID;

-- step: user_checks locks users
ALTER TABLE users
    ADD CONSTRAINT users_modality_not_null
        CHECK (content_modality_preferences IS NOT NULL AND accessibility_settings IS NOT NULL
               AND language_preference IS NOT NULL) NOT VALID;

-- step: validate_content locks content_metadata
ALTER TABLE content_metadata VALIDATE CONSTRAINT content_metadata_modality_type_check;
ALTER TABLE content_metadata VALIDATE CONSTRAINT content_metadata_modality_not_null;

-- step: validate_users locks users
ALTER TABLE users VALIDATE CONSTRAINT users_modality_not_null;

-- step: content_not_null locks content_metadata
ALTER TABLE content_metadata
    ALTER COLUMN modality_type SET NOT NULL,
    ALTER COLUMN image_urls SET NOT NULL,
    ALTER COLUMN supported_formats SET NOT NULL;
ALTER TABLE content_metadata DROP CONSTRAINT content_metadata_modality_not_null;

-- step: user_not_null locks users
ALTER TABLE users
    ALTER COLUMN content_modality_preferences SET NOT NULL,
    ALTER COLUMN accessibility_settings SET NOT NULL,
    ALTER COLUMN language_preference SET NOT NULL;
ALTER TABLE users DROP CONSTRAINT users_modality_not_null;

-- step: content_index no transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS content_metadata_modality_status
    ON content_metadata (modality_type, status) WHERE NOT archived;

-- step: language_index no transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS users_language_preference
    ON users (language_preference) WHERE status = 'active' AND NOT archived;

-- step: formats_index no transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS content_metadata_supported_formats
    ON content_metadata USING gin (supported_formats);

-- step: stage_rows
CREATE TABLE IF NOT EXISTS pipeline_stages_modality_backup (
    id                         uuid PRIMARY KEY,
    stage_name                 varchar(100),
    display_name               varchar(200),
    stage_order                int,
    estimated_duration_seconds int,
    description                text,
    is_critical                boolean
);
INSERT INTO pipeline_stage_definitions
    (id, stage_name, display_name, stage_order, estimated_duration_seconds, description, is_critical)
SELECT id, stage_name, display_name, stage_order, estimated_duration_seconds, description, is_critical
  FROM pipeline_stages_modality_backup
    ON CONFLICT (stage_name) DO NOTHING;
DROP TABLE pipeline_stages_modality_backup;
INSERT INTO pipeline_stage_definitions
    (stage_name, display_name, stage_order, estimated_duration_seconds, description, is_critical)
VALUES ('text_generation', 'Text', 3, 20, 'The text is written', true),
       ('audio_synthesis', 'Audio', 4, 60, 'The narration is spoken', false),
       ('image_generation', 'Images', 4, 90, 'The pictures are made', false),
       ('format_conversion', 'Formats', 5, 30, 'Further formats are made', false)
    ON CONFLICT (stage_name) DO NOTHING;

-- step: views
CREATE VIEW content_modality_usage_summary AS
SELECT modality_type,
       count(*) AS request_count,
       avg(generation_seconds) AS avg_generation_time,
       count(*) FILTER (WHERE ready) AS success_count
  FROM (SELECT c.modality_type,
               r.id,
               bool_or(c.status = 'ready') AS ready,
               EXTRACT(epoch FROM r.completed_at - COALESCE(r.started_at, r.created_at)) AS generation_seconds
          FROM content_metadata c
          JOIN content_requests r ON r.id::text = c.request_id
         GROUP BY c.modality_type, r.id) AS each_request
 GROUP BY modality_type;

CREATE VIEW user_modality_preferences_summary AS
SELECT language_preference,
       count(*) AS user_count,
       count(*) FILTER (WHERE content_modality_preferences ->> 'default' = 'video') AS prefer_video_count,
       count(*) FILTER (WHERE content_modality_preferences ->> 'default' = 'text') AS prefer_text_count,
       count(*) FILTER (WHERE accessibility_settings ->> 'captions' = 'true') AS need_captions_count,
       count(*) FILTER (WHERE accessibility_settings ->> 'audio_descriptions' = 'true') AS need_audio_descriptions_count
  FROM users
 WHERE archived IS NOT TRUE
 GROUP BY language_preference;

-- The request is found by its own type, through its key; a request_id that is no uuid belongs to no request. Only
-- content that is ready counts: output_formats is what was really made.
-- step: trigger locks content_metadata
CREATE FUNCTION update_request_output_formats() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $function$
DECLARE
    formats jsonb;
BEGIN
    IF NEW.request_id IS NULL OR NEW.request_id !~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN
        RETURN NULL;
    END IF;
    -- Two contents of one request may become ready at once: whoever comes second sees what the first has written.
    PERFORM 1 FROM content_requests WHERE id = NEW.request_id::uuid FOR NO KEY UPDATE;
    SELECT COALESCE(jsonb_agg(DISTINCT format.value), '[]') INTO formats
      FROM content_metadata c,
           jsonb_array_elements(CASE WHEN jsonb_typeof(c.supported_formats) = 'array' THEN c.supported_formats
                                     ELSE '[]' END) AS format (value)
     WHERE c.request_id = NEW.request_id AND c.status = 'ready';
    UPDATE content_requests SET output_formats = formats
     WHERE id = NEW.request_id::uuid AND output_formats IS DISTINCT FROM formats;
    RETURN NULL;
END
$function$;
CREATE TRIGGER content_metadata_ready_inserted AFTER INSERT ON content_metadata FOR EACH ROW
    WHEN (NEW.status = 'ready') EXECUTE FUNCTION update_request_output_formats();
CREATE TRIGGER content_metadata_ready_updated AFTER UPDATE ON content_metadata FOR EACH ROW
    WHEN (NEW.status = 'ready' AND (OLD.status, OLD.supported_formats) IS DISTINCT FROM (NEW.status, NEW.supported_formats))
    EXECUTE FUNCTION update_request_output_formats();

-- step: finish
DO $body$
BEGIN
    IF EXISTS (SELECT 1 FROM content_requests_modality_backup WHERE holds_0003)
        OR EXISTS (SELECT 1 FROM content_metadata_modality_backup)
        OR EXISTS (SELECT 1 FROM users_modality_backup)
        OR EXISTS (SELECT 1 FROM request_metrics_modality_backup) THEN
        RAISE EXCEPTION 'a backup table still holds rows of revision 0003';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM content_requests_modality_backup WHERE holds_0002) THEN
        DROP TABLE content_requests_modality_backup;
    END IF;
    DROP TABLE content_metadata_modality_backup, users_modality_backup, request_metrics_modality_backup;
END
$body$;
