-- Takes revision 0004 back. Costs, usage, deliveries, leases and metrics still to be recomputed go to the schema
-- vividd_backup, from where up takes them; the registry of hosts fills itself again.

-- step: drop locks content_requests, content_metadata
CREATE SCHEMA IF NOT EXISTS vividd_backup;
DROP TRIGGER vividd_hint_new ON content_requests;
DROP TRIGGER vividd_hint_cancelled ON content_requests;
DROP TRIGGER vividd_keep_progress ON content_requests;
DROP FUNCTION vividd.hint_new_requests();
DROP FUNCTION vividd.hint_cancelled_request();
DROP FUNCTION vividd.keep_progress();
DROP INDEX vividd_content_requests_media;
DROP INDEX vividd_content_requests_text;
DROP INDEX vividd_content_requests_created;
DROP INDEX vividd_content_metadata_request;
CREATE TABLE vividd_backup.request_lease AS TABLE vividd.request_lease;
DROP TABLE vividd.request_lease, vividd.node, vividd.renewal_gate;
DROP FUNCTION vividd.next_fence();
ALTER TABLE vividd.request_cost SET SCHEMA vividd_backup;
ALTER TABLE vividd.request_usage SET SCHEMA vividd_backup;
ALTER TABLE vividd.applied_delivery SET SCHEMA vividd_backup;
ALTER TABLE vividd.metrics_touch SET SCHEMA vividd_backup;
ALTER SEQUENCE vividd.fence SET SCHEMA vividd_backup;
-- Content that has the topic keeps it.
DELETE FROM topics t
 WHERE t.topic_id = 'unclassified' AND NOT EXISTS (SELECT 1 FROM content_metadata c WHERE c.topic_id = t.topic_id);
DO $body$
DECLARE
    problem text;
BEGIN
    SELECT string_agg(name, ', ') INTO problem
      FROM unnest(ARRAY['vividd.node', 'vividd.request_lease', 'vividd.applied_delivery', 'vividd.request_cost',
                        'vividd.request_usage', 'vividd.metrics_touch', 'vividd.renewal_gate', 'vividd.fence',
                        'vividd.next_fence',
                        'vividd_content_requests_media', 'vividd_content_requests_text',
                        'vividd_content_requests_created', 'vividd_content_metadata_request']) AS name
     WHERE to_regclass(name) IS NOT NULL OR to_regproc(name) IS NOT NULL;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION 'revision 0004 is not gone: %', problem;
    END IF;
END
$body$;
