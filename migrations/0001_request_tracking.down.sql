-- Undoes revision 0001 where nobody uses it yet. Everything the platform knows is in these tables, and no backup would
-- be worth its name, so a database that holds a user, a request or content is refused.

-- step: refuse_data
DO $body$
DECLARE
    relation text;
    used boolean;
BEGIN
    FOREACH relation IN ARRAY ARRAY['organizations', 'users', 'topics', 'interests', 'content_requests', 'request_metrics',
                                    'content_metadata'] LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', relation) INTO used;
        IF used THEN
            RAISE EXCEPTION 'table % holds rows; revision 0001 is only taken back while every table is empty', relation;
        END IF;
    END LOOP;
END
$body$;

-- step: drop
DROP VIEW request_metrics_summary;
DROP VIEW active_requests_dashboard;
DROP TABLE content_metadata, pipeline_stage_definitions, request_metrics, request_events, request_stages,
    content_requests, interests, topics, users, organizations;
DROP FUNCTION IF EXISTS update_request_progress();
DROP FUNCTION IF EXISTS log_request_status_change();
DROP TYPE content_stage_status, content_request_status, content_status, user_status, user_role;
