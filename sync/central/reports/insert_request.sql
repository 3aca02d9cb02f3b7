-- One request, as the platform's API makes it; its organization is the student's unless one is named.
-- $1 jsonb: {"id", "correlation_id", "student_id", "topic", "grade_level", "request_metadata",
--            "requested_modalities", "preferred_modality", "modality_preferences", "organization_id" or null}.
-- One row: {"outcome": created | exists | correlation_taken | unknown_student | unknown_organization, "status",
--           "other"};
-- `other` is the request that has the correlation id. NULL when a concurrent insert won: then it exists.
WITH given AS (
    SELECT *
      FROM jsonb_to_record($1::jsonb)
        AS g (id uuid, correlation_id text, student_id text, topic text, grade_level text, request_metadata jsonb,
              requested_modalities jsonb, preferred_modality text, modality_preferences jsonb, organization_id text)
), student AS (
    SELECT u.user_id, COALESCE(g.organization_id, u.organization_id) AS organization_id
      FROM given g JOIN users u ON u.user_id = g.student_id
), organization AS (
    SELECT o.organization_id FROM given g JOIN organizations o USING (organization_id)
), made AS (
    INSERT INTO content_requests (id, correlation_id, student_id, topic, grade_level, request_metadata,
                                  requested_modalities, preferred_modality, modality_preferences, organization_id)
    SELECT g.id, g.correlation_id, s.user_id, left(g.topic, 500), g.grade_level, g.request_metadata,
           g.requested_modalities, g.preferred_modality, g.modality_preferences, s.organization_id
      FROM given g CROSS JOIN student s
     WHERE g.organization_id IS NULL OR EXISTS (SELECT FROM organization)
        ON CONFLICT DO NOTHING
 RETURNING status::text
)
SELECT CASE WHEN m.status IS NOT NULL THEN json_build_object('outcome', 'created', 'status', m.status)
            WHEN same.id IS NOT NULL THEN json_build_object('outcome', 'exists', 'status', same.status)
            WHEN NOT EXISTS (SELECT FROM student) THEN json_build_object('outcome', 'unknown_student')
            WHEN g.organization_id IS NOT NULL AND NOT EXISTS (SELECT FROM organization)
                THEN json_build_object('outcome', 'unknown_organization')
            WHEN other.id IS NOT NULL THEN json_build_object('outcome', 'correlation_taken', 'other', other.id)
       END
  FROM given g
  LEFT JOIN made m ON true
  LEFT JOIN content_requests same ON same.id = g.id
  LEFT JOIN content_requests other ON other.correlation_id = g.correlation_id;
