-- What revision 0001 consists of: a row for every object, with what is wrong about it, or NULL.
-- Names of constraints, indexes, triggers and functions do not matter: a database made by hand has its own.

-- step: types
WITH expected (name, labels) AS (VALUES
    ('user_role', 'admin, student, super_admin, teacher'),
    ('user_status', 'active, archived, pending, suspended'),
    ('content_status', 'archived, failed, generating, ready'),
    ('content_request_status', 'cancelled, completed, failed, generating_script, generating_video, notifying, pending, processing_video, retrieving, validating'),
    ('content_stage_status', 'completed, failed, in_progress, pending, skipped')
)
SELECT format('type %s', e.name),
       CASE WHEN to_regtype(e.name) IS NULL THEN 'is missing'
            WHEN found.labels IS DISTINCT FROM e.labels
                THEN format('has the labels %s; expected %s', COALESCE(found.labels, 'of no enum'), e.labels) END
  FROM expected e
 CROSS JOIN LATERAL (
    SELECT string_agg(enumlabel, ', ' ORDER BY enumlabel::text COLLATE "C") AS labels
      FROM pg_enum WHERE enumtypid = to_regtype(e.name)) AS found;

-- step: columns
WITH expected (relation, name, type, required, preset) AS (VALUES
    ('organizations', 'organization_id', 'character varying(100)'::text, true, NULL::text),
    ('organizations', 'name', 'character varying(255)', true, NULL),
    ('organizations', 'type', 'character varying(50)', true, NULL),
    ('organizations', 'settings', 'jsonb', false, NULL),
    ('organizations', 'created_at', 'timestamp without time zone', false, NULL),
    ('organizations', 'updated_at', 'timestamp without time zone', false, NULL),
    ('organizations', 'archived', 'boolean', false, NULL),
    ('users', 'user_id', 'character varying(100)', true, NULL),
    ('users', 'email', 'character varying(255)', true, NULL),
    ('users', 'password_hash', 'text', true, NULL),
    ('users', 'first_name', 'character varying(100)', true, NULL),
    ('users', 'last_name', 'character varying(100)', true, NULL),
    ('users', 'role', 'user_role', true, NULL),
    ('users', 'status', 'user_status', true, NULL),
    ('users', 'organization_id', 'character varying(100)', false, NULL),
    ('users', 'grade_level', 'integer', false, NULL),
    ('users', 'created_at', 'timestamp without time zone', false, NULL),
    ('users', 'updated_at', 'timestamp without time zone', false, NULL),
    ('users', 'archived', 'boolean', false, NULL),
    ('topics', 'topic_id', 'character varying(100)', true, NULL),
    ('topics', 'subject', 'character varying(100)', true, NULL),
    ('topics', 'unit', 'character varying(255)', true, NULL),
    ('topics', 'name', 'character varying(255)', true, NULL),
    ('topics', 'description', 'text', false, NULL),
    ('topics', 'active', 'boolean', false, NULL),
    ('interests', 'interest_id', 'character varying(100)', true, NULL),
    ('content_requests', 'id', 'uuid', true, NULL),
    ('content_requests', 'correlation_id', 'character varying(64)', true, NULL),
    ('content_requests', 'student_id', 'character varying(100)', true, NULL),
    ('content_requests', 'topic', 'character varying(500)', true, NULL),
    ('content_requests', 'learning_objective', 'text', false, NULL),
    ('content_requests', 'grade_level', 'character varying(50)', false, NULL),
    ('content_requests', 'duration_minutes', 'integer', false, NULL),
    ('content_requests', 'status', 'content_request_status', true, NULL),
    ('content_requests', 'current_stage', 'character varying(100)', false, NULL),
    ('content_requests', 'progress_percentage', 'integer', false, NULL),
    ('content_requests', 'created_at', 'timestamp without time zone', false, NULL),
    ('content_requests', 'started_at', 'timestamp without time zone', false, NULL),
    ('content_requests', 'completed_at', 'timestamp without time zone', false, NULL),
    ('content_requests', 'failed_at', 'timestamp without time zone', false, NULL),
    ('content_requests', 'video_url', 'text', false, NULL),
    ('content_requests', 'script_text', 'text', false, NULL),
    ('content_requests', 'thumbnail_url', 'text', false, NULL),
    ('content_requests', 'error_message', 'text', false, NULL),
    ('content_requests', 'error_stage', 'character varying(100)', false, NULL),
    ('content_requests', 'error_details', 'jsonb', false, NULL),
    ('content_requests', 'retry_count', 'integer', false, NULL),
    ('content_requests', 'request_metadata', 'jsonb', false, NULL),
    ('content_requests', 'total_duration_seconds', 'integer', false, NULL),
    ('content_requests', 'organization_id', 'character varying(100)', false, NULL),
    ('request_stages', 'id', 'uuid', true, NULL),
    ('request_stages', 'request_id', 'uuid', false, NULL),
    ('request_stages', 'stage_name', 'character varying(100)', false, NULL),
    ('request_stages', 'stage_order', 'integer', false, NULL),
    ('request_stages', 'status', 'content_stage_status', false, NULL),
    ('request_stages', 'started_at', 'timestamp without time zone', false, NULL),
    ('request_stages', 'completed_at', 'timestamp without time zone', false, NULL),
    ('request_stages', 'duration_seconds', 'numeric(10,3)', false, NULL),
    ('request_stages', 'output_data', 'jsonb', false, NULL),
    ('request_stages', 'error_message', 'text', false, NULL),
    ('request_stages', 'error_details', 'jsonb', false, NULL),
    ('request_stages', 'retry_count', 'integer', false, NULL),
    ('request_stages', 'max_retries', 'integer', false, NULL),
    ('request_stages', 'stage_metadata', 'jsonb', false, NULL),
    ('request_events', 'id', 'uuid', true, NULL),
    ('request_events', 'request_id', 'uuid', false, NULL),
    ('request_events', 'event_type', 'character varying(100)', false, NULL),
    ('request_events', 'event_message', 'text', false, NULL),
    ('request_events', 'severity', 'character varying(20)', false, NULL),
    ('request_events', 'created_at', 'timestamp without time zone', false, NULL),
    ('request_events', 'event_data', 'jsonb', false, NULL),
    ('request_events', 'source_service', 'character varying(100)', false, NULL),
    ('request_events', 'source_host', 'character varying(255)', false, NULL),
    ('request_metrics', 'id', 'uuid', true, NULL),
    ('request_metrics', 'time_bucket', 'timestamp without time zone', true, NULL),
    ('request_metrics', 'total_requests', 'integer', false, NULL),
    ('request_metrics', 'successful_requests', 'integer', false, NULL),
    ('request_metrics', 'failed_requests', 'integer', false, NULL),
    ('request_metrics', 'cancelled_requests', 'integer', false, NULL),
    ('request_metrics', 'avg_total_duration', 'numeric(10,2)', false, NULL),
    ('request_metrics', 'avg_validation_duration', 'numeric(10,2)', false, NULL),
    ('request_metrics', 'avg_rag_duration', 'numeric(10,2)', false, NULL),
    ('request_metrics', 'avg_script_duration', 'numeric(10,2)', false, NULL),
    ('request_metrics', 'avg_video_duration', 'numeric(10,2)', false, NULL),
    ('request_metrics', 'validation_errors', 'integer', false, NULL),
    ('request_metrics', 'rag_errors', 'integer', false, NULL),
    ('request_metrics', 'script_errors', 'integer', false, NULL),
    ('request_metrics', 'video_errors', 'integer', false, NULL),
    ('request_metrics', 'upload_errors', 'integer', false, NULL),
    ('request_metrics', 'circuit_breaker_open_count', 'integer', false, NULL),
    ('pipeline_stage_definitions', 'id', 'uuid', true, NULL),
    ('pipeline_stage_definitions', 'stage_name', 'character varying(100)', false, NULL),
    ('pipeline_stage_definitions', 'display_name', 'character varying(200)', false, NULL),
    ('pipeline_stage_definitions', 'stage_order', 'integer', false, NULL),
    ('pipeline_stage_definitions', 'estimated_duration_seconds', 'integer', false, NULL),
    ('pipeline_stage_definitions', 'description', 'text', false, NULL),
    ('pipeline_stage_definitions', 'is_critical', 'boolean', false, NULL),
    ('content_metadata', 'content_id', 'character varying(100)', true, NULL),
    ('content_metadata', 'request_id', 'character varying(100)', false, NULL),
    ('content_metadata', 'student_id', 'character varying(100)', true, NULL),
    ('content_metadata', 'topic_id', 'character varying(100)', true, NULL),
    ('content_metadata', 'interest_id', 'character varying(100)', false, NULL),
    ('content_metadata', 'title', 'character varying(500)', true, NULL),
    ('content_metadata', 'description', 'text', false, NULL),
    ('content_metadata', 'video_url', 'text', false, NULL),
    ('content_metadata', 'thumbnail_url', 'text', false, NULL),
    ('content_metadata', 'duration_seconds', 'integer', false, NULL),
    ('content_metadata', 'gcs_bucket', 'character varying(255)', false, NULL),
    ('content_metadata', 'gcs_path', 'character varying(500)', false, NULL),
    ('content_metadata', 'cdn_url', 'text', false, NULL),
    ('content_metadata', 'status', 'content_status', true, NULL),
    ('content_metadata', 'script_content', 'text', false, NULL),
    ('content_metadata', 'generation_metadata', 'jsonb', false, NULL),
    ('content_metadata', 'view_count', 'integer', false, NULL),
    ('content_metadata', 'completion_count', 'integer', false, NULL),
    ('content_metadata', 'average_rating', 'numeric(3,2)', false, NULL),
    ('content_metadata', 'created_at', 'timestamp without time zone', false, NULL),
    ('content_metadata', 'updated_at', 'timestamp without time zone', false, NULL),
    ('content_metadata', 'archived', 'boolean', false, NULL)
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

-- step: keys
WITH expected (relation, method, columns, partial, is_unique) AS (VALUES
    ('content_requests', 'btree', 'id', false, true),
    ('content_requests', 'btree', 'correlation_id', false, true),
    ('users', 'btree', 'user_id', false, true),
    ('users', 'btree', 'email', false, true),
    ('topics', 'btree', 'topic_id', false, true),
    ('organizations', 'btree', 'organization_id', false, true),
    ('content_metadata', 'btree', 'content_id', false, true),
    ('request_stages', 'btree', 'request_id, stage_name', false, true),
    ('request_metrics', 'btree', 'time_bucket, organization_id', false, true),
    ('pipeline_stage_definitions', 'btree', 'stage_name', false, true)
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
    ('validation', 1, true),
    ('rag_retrieval', 2, true),
    ('script_generation', 3, true),
    ('video_generation', 4, true),
    ('video_processing', 5, true),
    ('notification', 6, false)
)
SELECT format('stage row %s', e.name),
       CASE WHEN p.stage_name IS NULL THEN 'is missing'
            WHEN (p.stage_order, p.is_critical) IS DISTINCT FROM (e.position, e.critical)
                THEN format('has order %s, critical %s; expected %s, %s', p.stage_order, p.is_critical, e.position,
                            e.critical) END
  FROM expected e
  LEFT JOIN pipeline_stage_definitions p ON p.stage_name = e.name;

-- step: triggers
WITH expected (relation, event, bits) AS (VALUES
    ('request_stages', 'insert', 4), ('request_stages', 'update', 16), ('content_requests', 'update', 16)
)
SELECT format('row trigger after %s on %s', e.event, e.relation),
       CASE WHEN NOT EXISTS (SELECT 1 FROM pg_trigger t
                              WHERE t.tgrelid = to_regclass(e.relation) AND NOT t.tgisinternal
                                AND t.tgname NOT LIKE 'vividd%' AND t.tgtype & 1 = 1 AND t.tgtype & 66 = 0
                                AND t.tgtype & e.bits = e.bits) THEN 'is missing' END
  FROM expected e;

-- step: views
SELECT format('view %s', name),
       CASE WHEN to_regclass(name) IS NULL THEN 'is missing'
            WHEN (SELECT relkind FROM pg_class WHERE oid = to_regclass(name)) <> 'v' THEN 'is no view' END
  FROM unnest(ARRAY['active_requests_dashboard', 'request_metrics_summary']) AS name;
