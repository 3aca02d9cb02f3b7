-- The rights of the daemon in the central database, and no more than it needs: of users it sees no password, no name and
-- no address. Run by the owner of the tables, after `vividctl migrate up`, and again after a `migrate down` and `up`:
-- psql -v ON_ERROR_STOP=1 -f docs/daemon_rights.sql DATABASE. The role is there already: CREATE ROLE vividd LOGIN.
GRANT USAGE ON SCHEMA vividd TO vividd;
GRANT SELECT, UPDATE ON content_requests TO vividd;
GRANT SELECT, INSERT, UPDATE ON request_stages, content_metadata, request_metrics TO vividd;
GRANT INSERT ON request_events TO vividd;
GRANT SELECT ON topics, interests, pipeline_stage_definitions TO vividd;
GRANT SELECT (user_id, organization_id, grade_level, content_modality_preferences, accessibility_settings,
              language_preference) ON users TO vividd;
GRANT SELECT ON vividd.migration TO vividd;
GRANT SELECT, INSERT, UPDATE ON vividd.node, vividd.request_lease, vividd.request_cost, vividd.request_usage TO vividd;
GRANT SELECT, INSERT, DELETE ON vividd.applied_delivery, vividd.metrics_touch TO vividd;
GRANT SELECT, UPDATE ON vividd.renewal_gate TO vividd;
GRANT USAGE ON SEQUENCE vividd.fence TO vividd;
GRANT EXECUTE ON FUNCTION vividd.next_fence() TO vividd;
