-- What revision 0004 consists of: a row for every object, with what is wrong about it, or NULL.

-- step: columns
WITH expected (relation, name, type, required, preset) AS (VALUES
    ('vividd.node', 'node_id', 'text'::text, true, NULL::text),
    ('vividd.node', 'host', 'text', true, NULL),
    ('vividd.node', 'boot_id', 'uuid', true, NULL),
    ('vividd.node', 'pid', 'integer', true, NULL),
    ('vividd.node', 'start_ticks', 'bigint', true, NULL),
    ('vividd.node', 'version', 'text', true, NULL),
    ('vividd.node', 'capacity', 'jsonb', true, NULL),
    ('vividd.node', 'load', 'jsonb', true, NULL),
    ('vividd.node', 'draining', 'boolean', true, NULL),
    ('vividd.node', 'started_at', 'timestamp with time zone', true, NULL),
    ('vividd.node', 'last_seen', 'timestamp with time zone', true, NULL),
    ('vividd.node', 'previous_life', 'text', false, NULL),
    ('vividd.node', 'twin_seen_at', 'timestamp with time zone', false, NULL),
    ('vividd.request_lease', 'request_id', 'uuid', true, NULL),
    ('vividd.request_lease', 'fence', 'bigint', true, NULL),
    ('vividd.request_lease', 'node_id', 'text', true, NULL),
    ('vividd.request_lease', 'boot_id', 'uuid', true, NULL),
    ('vividd.request_lease', 'pid', 'integer', true, NULL),
    ('vividd.request_lease', 'start_ticks', 'bigint', true, NULL),
    ('vividd.request_lease', 'path', 'text', true, NULL),
    ('vividd.request_lease', 'state', 'text', true, NULL),
    ('vividd.request_lease', 'crashes', 'integer', true, NULL),
    ('vividd.request_lease', 'claimed_at', 'timestamp with time zone', true, NULL),
    ('vividd.request_lease', 'leased_until', 'timestamp with time zone', true, NULL),
    ('vividd.request_lease', 'retry_at', 'timestamp with time zone', false, NULL),
    ('vividd.request_lease', 'cancel_requested_at', 'timestamp with time zone', false, NULL),
    ('vividd.request_lease', 'ended_at', 'timestamp with time zone', false, NULL),
    ('vividd.request_lease', 'reason', 'text', false, NULL),
    ('vividd.applied_delivery', 'request_id', 'uuid', true, NULL),
    ('vividd.applied_delivery', 'fence', 'bigint', true, NULL),
    ('vividd.applied_delivery', 'kind', 'text', true, NULL),
    ('vividd.applied_delivery', 'stage', 'text', true, NULL),
    ('vividd.applied_delivery', 'attempt', 'integer', true, NULL),
    ('vividd.applied_delivery', 'node_id', 'text', true, NULL),
    ('vividd.applied_delivery', 'applied_at', 'timestamp with time zone', true, NULL),
    ('vividd.request_cost', 'request_id', 'uuid', true, NULL),
    ('vividd.request_cost', 'fence', 'bigint', true, NULL),
    ('vividd.request_cost', 'entry', 'text', true, NULL),
    ('vividd.request_cost', 'kind', 'text', true, NULL),
    ('vividd.request_cost', 'stage', 'text', true, NULL),
    ('vividd.request_cost', 'organization_id', 'character varying(100)', false, NULL),
    ('vividd.request_cost', 'modality', 'text', true, NULL),
    ('vividd.request_cost', 'quantity', 'numeric', true, NULL),
    ('vividd.request_cost', 'unit', 'text', true, NULL),
    ('vividd.request_cost', 'unit_price_usd', 'numeric', true, NULL),
    ('vividd.request_cost', 'usd', 'numeric', true, NULL),
    ('vividd.request_cost', 'incurred_at', 'timestamp with time zone', true, NULL),
    ('vividd.request_usage', 'request_id', 'uuid', true, NULL),
    ('vividd.request_usage', 'modality', 'text', true, NULL),
    ('vividd.request_usage', 'student_id', 'character varying(100)', true, NULL),
    ('vividd.request_usage', 'organization_id', 'character varying(100)', false, NULL),
    ('vividd.request_usage', 'month', 'date', true, NULL),
    ('vividd.request_usage', 'counted_at', 'timestamp with time zone', true, NULL),
    ('vividd.metrics_touch', 'id', 'bigint', true, NULL),
    ('vividd.metrics_touch', 'time_bucket', 'timestamp without time zone', true, NULL),
    ('vividd.metrics_touch', 'organization_id', 'character varying(100)', false, NULL),
    ('vividd.renewal_gate', 'one_row', 'boolean', true, NULL),
    ('vividd.renewal_gate', 'accepting_since', 'timestamp with time zone', true, NULL),
    ('vividd.renewal_gate', 'last_renewal_at', 'timestamp with time zone', true, NULL)
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

-- step: indexes
WITH expected (relation, method, columns, partial, is_unique) AS (VALUES
    ('vividd.request_lease', 'btree', 'request_id', false, true),
    ('vividd.request_lease', 'btree', 'node_id', true, false),
    ('vividd.applied_delivery', 'btree', 'request_id, fence, kind, stage, attempt', false, true),
    ('vividd.request_cost', 'btree', 'request_id, fence, entry, kind, stage', false, true),
    ('vividd.request_usage', 'btree', 'request_id, modality', false, true),
    ('vividd.request_usage', 'btree', 'student_id, month', false, false),
    ('content_requests', 'btree', 'created_at', false, false),
    ('content_metadata', 'btree', 'request_id', false, false)
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

-- step: pending_indexes
WITH keys (text) AS (VALUES (
    $$COALESCE("left"((request_metadata ->> 'environment'::text), 32), ''::text), (GREATEST(created_at, '2000-01-01 00:00:00'::timestamp without time zone) - ((CASE WHEN ((request_metadata ->> 'priority'::text) ~ '^[0-9]$'::text) THEN ((request_metadata ->> 'priority'::text))::integer ELSE 5 END)::double precision * '00:01:00'::interval))$$
)), expected (name, condition) AS (VALUES
    ('vividd_content_requests_media',
     $$((status = 'pending'::content_request_status) AND (NOT ((requested_modalities <@ '["text"]'::jsonb) AND (requested_modalities <> '[]'::jsonb))))$$),
    ('vividd_content_requests_text',
     $$((status = 'pending'::content_request_status) AND (requested_modalities <@ '["text"]'::jsonb) AND (requested_modalities <> '[]'::jsonb))$$)
)
SELECT format('index %s', e.name),
       CASE WHEN i.indexrelid IS NULL THEN 'is missing'
            WHEN NOT i.indisvalid THEN 'is invalid'
            WHEN regexp_replace(pg_get_expr(i.indexprs, i.indrelid), '\s+', '', 'g') <> replace(k.text, ' ', '')
                THEN 'has other keys: ' || pg_get_expr(i.indexprs, i.indrelid)
            WHEN regexp_replace(pg_get_expr(i.indpred, i.indrelid), '\s+', '', 'g') <> replace(e.condition, ' ', '')
                THEN 'has another condition: ' || pg_get_expr(i.indpred, i.indrelid)
       END
  FROM expected e
 CROSS JOIN keys k
  LEFT JOIN pg_index i ON i.indexrelid = to_regclass(e.name);

-- step: sequence
SELECT 'sequence vividd.fence', CASE WHEN to_regclass('vividd.fence') IS NULL THEN 'is missing' END;

-- step: functions
SELECT 'function vividd.next_fence', CASE WHEN to_regproc('vividd.next_fence') IS NULL THEN 'is missing' END;

-- step: triggers
SELECT format('trigger %s', name),
       CASE WHEN NOT EXISTS (SELECT 1 FROM pg_trigger
                              WHERE tgrelid = to_regclass('content_requests') AND tgname = name AND tgenabled <> 'D')
            THEN 'is missing' END
  FROM unnest(ARRAY['vividd_hint_new', 'vividd_hint_cancelled', 'vividd_keep_progress']) AS name;

-- step: gate needs vividd.renewal_gate
SELECT 'row of vividd.renewal_gate', CASE WHEN count(*) = 0 THEN 'is missing' END FROM vividd.renewal_gate;

-- step: topic needs topics
SELECT 'topic unclassified', CASE WHEN count(*) = 0 THEN 'is missing' END FROM topics WHERE topic_id = 'unclassified';
