-- What revision 0003 consists of: a row for every object, with what is wrong about it, or NULL.

-- step: columns
WITH expected (relation, name, type, required, preset) AS (VALUES
    ('content_requests', 'output_formats', 'jsonb'::text, false, '''[]''::jsonb'::text),
    ('content_metadata', 'modality_type', 'character varying(50)', true, '''video''::character varying'),
    ('content_metadata', 'text_content', 'text', false, NULL),
    ('content_metadata', 'text_language', 'character varying(10)', false, '''en''::character varying'),
    ('content_metadata', 'audio_url', 'text', false, NULL),
    ('content_metadata', 'audio_language', 'character varying(10)', false, '''en''::character varying'),
    ('content_metadata', 'audio_duration_seconds', 'integer', false, NULL),
    ('content_metadata', 'captions_url', 'text', false, NULL),
    ('content_metadata', 'captions_format', 'character varying(20)', false, '''vtt''::character varying'),
    ('content_metadata', 'image_urls', 'jsonb', true, '''[]''::jsonb'),
    ('content_metadata', 'supported_formats', 'jsonb', true, '''["video"]''::jsonb'),
    ('users', 'content_modality_preferences', 'jsonb', true, '''{"default": "video"}''::jsonb'),
    ('users', 'accessibility_settings', 'jsonb', true, '''{}''::jsonb'),
    ('users', 'language_preference', 'character varying(10)', true, '''en''::character varying'),
    ('request_metrics', 'text_request_count', 'integer', false, '0'),
    ('request_metrics', 'audio_request_count', 'integer', false, '0'),
    ('request_metrics', 'video_request_count', 'integer', false, '0'),
    ('request_metrics', 'image_request_count', 'integer', false, '0'),
    ('request_metrics', 'avg_text_duration_seconds', 'numeric(10,2)', false, NULL),
    ('request_metrics', 'avg_audio_duration_seconds', 'numeric(10,2)', false, NULL),
    ('request_metrics', 'avg_video_duration_seconds', 'numeric(10,2)', false, NULL),
    ('request_metrics', 'avg_image_duration_seconds', 'numeric(10,2)', false, NULL)
)
SELECT format('column %s.%s', e.relation, e.name),
       CASE WHEN a.attname IS NULL THEN 'is missing'
            WHEN format_type(a.atttypid, a.atttypmod) <> e.type
                THEN format('is %s; expected %s', format_type(a.atttypid, a.atttypmod), e.type)
            WHEN e.required AND NOT a.attnotnull THEN 'allows NULL'
            WHEN replace(pg_get_expr(d.adbin, d.adrelid), ' ', '') IS DISTINCT FROM replace(e.preset, ' ', '')
                AND e.preset IS NOT NULL
                THEN format('has the default %s; expected %s', COALESCE(pg_get_expr(d.adbin, d.adrelid), 'none'), e.preset)
       END
  FROM expected e
  LEFT JOIN pg_attribute a
    ON a.attrelid = to_regclass(e.relation) AND a.attname = e.name AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum;

-- step: modality_type_check
SELECT 'check of content_metadata.modality_type',
       CASE WHEN found.valid IS NULL THEN 'is missing' WHEN NOT found.valid THEN 'is not validated' END
  FROM (SELECT bool_or(c.convalidated) AS valid
          FROM pg_constraint c
          JOIN pg_attribute a ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum]
         WHERE c.conrelid = to_regclass('content_metadata') AND c.contype = 'c' AND a.attname = 'modality_type'
           AND pg_get_constraintdef(c.oid) ~ '''text''.*''audio''.*''video''.*''images''') AS found;

-- step: indexes
WITH expected (relation, method, columns, partial, is_unique) AS (VALUES
    ('content_metadata', 'btree', 'modality_type, status', true, false),
    ('users', 'btree', 'language_preference', true, false),
    ('content_metadata', 'gin', 'supported_formats', false, false)
)
SELECT format('%s%sindex on %s (%s)', CASE WHEN e.is_unique THEN 'unique ' ELSE '' END,
              CASE WHEN e.partial THEN 'partial ' ELSE '' END, e.relation, e.columns),
       CASE WHEN found.valid IS NULL THEN 'is missing' WHEN NOT found.valid THEN 'is invalid' END
  FROM expected e
 CROSS JOIN LATERAL (
    SELECT bool_or(i.indisvalid) AS valid
      FROM pg_index i
      JOIN pg_class c ON c.oid = i.indexrelid
      JOIN pg_am m ON m.oid = c.relam
     WHERE i.indrelid = to_regclass(e.relation) AND m.amname = e.method AND (i.indpred IS NOT NULL) = e.partial
       AND (i.indisunique OR NOT e.is_unique)
       AND e.columns = (SELECT string_agg(a.attname, ', ' ORDER BY k.position)
                          FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, position)
                          JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum)) AS found;

-- How long a stage is estimated to take is the platform's to tune.
-- step: stage_rows needs pipeline_stage_definitions
WITH expected (name, position, critical) AS (VALUES
    ('text_generation', 3, true),
    ('audio_synthesis', 4, false),
    ('image_generation', 4, false),
    ('format_conversion', 5, false)
)
SELECT format('stage row %s', e.name),
       CASE WHEN p.stage_name IS NULL THEN 'is missing'
            WHEN (p.stage_order, p.is_critical) IS DISTINCT FROM (e.position, e.critical)
                THEN format('has order %s, critical %s; expected %s, %s', p.stage_order, p.is_critical, e.position,
                            e.critical) END
  FROM expected e
  LEFT JOIN pipeline_stage_definitions p ON p.stage_name = e.name;

-- step: trigger
SELECT 'row trigger on content_metadata that keeps output_formats',
       CASE WHEN count(*) = 0 THEN 'is missing'
            WHEN bool_or(p.prosrc ~* 'status\s*=\s*''active''') THEN 'compares status with active, a label content_status lacks'
       END
  FROM pg_trigger t
  JOIN pg_proc p ON p.oid = t.tgfoid
 WHERE t.tgrelid = to_regclass('content_metadata') AND NOT t.tgisinternal AND t.tgtype & 1 = 1
   AND t.tgname NOT LIKE 'vividd%' AND p.prosrc ~ 'output_formats';

-- step: views
SELECT format('view %s', name),
       CASE WHEN to_regclass(name) IS NULL THEN 'is missing'
            WHEN (SELECT relkind FROM pg_class WHERE oid = to_regclass(name)) <> 'v' THEN 'is no view' END
  FROM unnest(ARRAY['content_modality_usage_summary', 'user_modality_preferences_summary']) AS name;
