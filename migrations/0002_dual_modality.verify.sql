-- What revision 0002 consists of: a row for every object, with what is wrong about it, or NULL.

-- step: columns
WITH expected (relation, name, type, required, preset) AS (VALUES
    ('content_requests', 'requested_modalities', 'jsonb'::text, true, '''["video"]''::jsonb'::text),
    ('content_requests', 'preferred_modality', 'character varying(50)', true, '''video''::character varying'),
    ('content_requests', 'modality_preferences', 'jsonb', true, '''{}''::jsonb')
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

-- step: preferred_modality_check
SELECT 'check of content_requests.preferred_modality',
       CASE WHEN found.valid IS NULL THEN 'is missing' WHEN NOT found.valid THEN 'is not validated' END
  FROM (SELECT bool_or(c.convalidated) AS valid
          FROM pg_constraint c
          JOIN pg_attribute a ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum]
         WHERE c.conrelid = to_regclass('content_requests') AND c.contype = 'c' AND a.attname = 'preferred_modality'
           AND pg_get_constraintdef(c.oid) ~ '''text''.*''audio''.*''video''.*''images''') AS found;

-- step: indexes
WITH expected (relation, method, columns, partial, is_unique) AS (VALUES
    ('content_requests', 'gin', 'requested_modalities', false, false),
    ('content_requests', 'btree', 'preferred_modality, status', true, false)
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
