-- Revision 0001, request tracking: what production has. On a database made by hand this file is never run: such a
-- database is recognised by 0001_request_tracking.verify.sql and adopted.

-- step: types
CREATE TYPE user_role AS ENUM ('student', 'teacher', 'admin', 'super_admin');
CREATE TYPE user_status AS ENUM ('active', 'suspended', 'pending', 'archived');
CREATE TYPE content_status AS ENUM ('generating', 'ready', 'failed', 'archived');
CREATE TYPE content_request_status AS ENUM ('pending', 'validating', 'retrieving', 'generating_script',
    'generating_video', 'processing_video', 'notifying', 'completed', 'failed', 'cancelled');
CREATE TYPE content_stage_status AS ENUM ('pending', 'in_progress', 'completed', 'failed', 'skipped');

-- step: people_and_catalogue
CREATE TABLE organizations (
    organization_id varchar(100) PRIMARY KEY,
    name            varchar(255) NOT NULL,
    type            varchar(50) NOT NULL DEFAULT 'school_district',
    settings        jsonb,
    created_at      timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    updated_at      timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    archived        boolean NOT NULL DEFAULT false
);

CREATE TABLE users (
    user_id         varchar(100) PRIMARY KEY,
    email           varchar(255) UNIQUE NOT NULL,
    password_hash   text NOT NULL,
    first_name      varchar(100) NOT NULL,
    last_name       varchar(100) NOT NULL,
    role            user_role NOT NULL,
    status          user_status NOT NULL DEFAULT 'active',
    organization_id varchar(100) REFERENCES organizations,
    grade_level     int CHECK (grade_level BETWEEN 9 AND 12),
    created_at      timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    updated_at      timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    archived        boolean DEFAULT false
);

CREATE TABLE topics (
    topic_id    varchar(100) PRIMARY KEY,
    subject     varchar(100) NOT NULL,
    unit        varchar(255) NOT NULL,
    name        varchar(255) NOT NULL,
    description text,
    active      boolean DEFAULT true
);

CREATE TABLE interests (
    interest_id varchar(100) PRIMARY KEY,
    name        varchar(255) NOT NULL,
    category    varchar(100)
);

-- step: requests
CREATE TABLE content_requests (
    id                     uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    correlation_id         varchar(64) NOT NULL UNIQUE,
    student_id             varchar(100) NOT NULL REFERENCES users ON DELETE CASCADE,
    topic                  varchar(500) NOT NULL,
    learning_objective     text,
    grade_level            varchar(50),
    duration_minutes       int,
    status                 content_request_status NOT NULL DEFAULT 'pending',
    current_stage          varchar(100),
    progress_percentage    int DEFAULT 0 CHECK (progress_percentage BETWEEN 0 AND 100),
    created_at             timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    started_at             timestamp,
    completed_at           timestamp,
    failed_at              timestamp,
    video_url              text,
    script_text            text,
    thumbnail_url          text,
    error_message          text,
    error_stage            varchar(100),
    error_details          jsonb,
    retry_count            int DEFAULT 0,
    request_metadata       jsonb,
    total_duration_seconds int,
    organization_id        varchar(100) REFERENCES organizations
);
CREATE INDEX content_requests_student ON content_requests (student_id);
CREATE INDEX content_requests_status_created ON content_requests (status, created_at);

CREATE TABLE request_stages (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    request_id       uuid NOT NULL REFERENCES content_requests ON DELETE CASCADE,
    stage_name       varchar(100) NOT NULL,
    stage_order      int NOT NULL,
    status           content_stage_status NOT NULL DEFAULT 'pending',
    started_at       timestamp,
    completed_at     timestamp,
    duration_seconds numeric(10, 3),
    output_data      jsonb,
    error_message    text,
    error_details    jsonb,
    retry_count      int DEFAULT 0,
    max_retries      int DEFAULT 3,
    stage_metadata   jsonb,
    UNIQUE (request_id, stage_name)
);

CREATE TABLE request_events (
    id             uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    request_id     uuid NOT NULL REFERENCES content_requests ON DELETE CASCADE,
    event_type     varchar(100) NOT NULL,
    event_message  text,
    stage_name     varchar(100),
    severity       varchar(20) NOT NULL DEFAULT 'info' CHECK (severity IN ('info', 'warning', 'error', 'critical')),
    created_at     timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    event_data     jsonb,
    source_service varchar(100),
    source_host    varchar(255)
);
CREATE INDEX request_events_request_created ON request_events (request_id, created_at);

CREATE TABLE request_metrics (
    id                         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    time_bucket                timestamp NOT NULL,
    organization_id            varchar(100) REFERENCES organizations,
    total_requests             int DEFAULT 0,
    successful_requests        int DEFAULT 0,
    failed_requests            int DEFAULT 0,
    cancelled_requests         int DEFAULT 0,
    avg_total_duration         numeric(10, 2),
    avg_validation_duration    numeric(10, 2),
    avg_rag_duration           numeric(10, 2),
    avg_script_duration        numeric(10, 2),
    avg_video_duration         numeric(10, 2),
    validation_errors          int DEFAULT 0,
    rag_errors                 int DEFAULT 0,
    script_errors              int DEFAULT 0,
    video_errors               int DEFAULT 0,
    upload_errors              int DEFAULT 0,
    circuit_breaker_open_count int DEFAULT 0,
    updated_at                 timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    UNIQUE (time_bucket, organization_id)
);

CREATE TABLE pipeline_stage_definitions (
    id                         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    stage_name                 varchar(100) NOT NULL UNIQUE,
    display_name               varchar(200) NOT NULL,
    stage_order                int NOT NULL,
    estimated_duration_seconds int,
    description                text,
    is_critical                boolean DEFAULT true
);
INSERT INTO pipeline_stage_definitions
    (stage_name, display_name, stage_order, estimated_duration_seconds, description, is_critical)
VALUES ('validation', 'Validation', 1, 2, 'The request is checked', true),
       ('rag_retrieval', 'Retrieval', 2, 10, 'Source passages are found', true),
       ('script_generation', 'Script', 3, 30, 'The script is written', true),
       ('video_generation', 'Video', 4, 120, 'The video is rendered', true),
       ('video_processing', 'Upload', 5, 20, 'The results are uploaded', true),
       ('notification', 'Notification', 6, 2, 'The student is told', false);

-- step: content
CREATE TABLE content_metadata (
    content_id          varchar(100) PRIMARY KEY,
    request_id          varchar(100),
    student_id          varchar(100) NOT NULL REFERENCES users,
    topic_id            varchar(100) NOT NULL REFERENCES topics,
    interest_id         varchar(100) REFERENCES interests,
    title               varchar(500) NOT NULL,
    description         text,
    video_url           text,
    thumbnail_url       text,
    duration_seconds    int,
    gcs_bucket          varchar(255),
    gcs_path            varchar(500),
    cdn_url             text,
    status              content_status NOT NULL DEFAULT 'generating',
    script_content      text,
    generation_metadata jsonb,
    view_count          int DEFAULT 0,
    completion_count    int DEFAULT 0,
    average_rating      numeric(3, 2),
    created_at          timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    updated_at          timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    archived            boolean DEFAULT false
);

-- step: triggers
CREATE FUNCTION update_request_progress() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    UPDATE content_requests
       SET progress_percentage = counted.percentage,
           current_stage = COALESCE(counted.running, content_requests.current_stage)
      FROM (SELECT (100 * count(*) FILTER (WHERE status = 'completed') / GREATEST(count(*), 1))::int AS percentage,
                   (array_agg(stage_name ORDER BY stage_order) FILTER (WHERE status = 'in_progress'))[1] AS running
              FROM request_stages
             WHERE request_id = NEW.request_id) AS counted
     WHERE id = NEW.request_id;
    RETURN NEW;
END
$function$;
CREATE TRIGGER request_stages_progress AFTER INSERT OR UPDATE ON request_stages
    FOR EACH ROW EXECUTE FUNCTION update_request_progress();

CREATE FUNCTION log_request_status_change() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    INSERT INTO request_events (request_id, event_type, event_message, stage_name, severity, event_data, source_service)
    VALUES (NEW.id, 'status_change', 'Status changed from ' || OLD.status || ' to ' || NEW.status, NEW.current_stage,
            CASE WHEN NEW.status = 'failed' THEN 'error' ELSE 'info' END,
            jsonb_build_object('old_status', OLD.status, 'new_status', NEW.status), 'database');
    RETURN NEW;
END
$function$;
CREATE TRIGGER content_requests_status_change AFTER UPDATE OF status ON content_requests
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION log_request_status_change();

-- step: views
CREATE VIEW active_requests_dashboard AS
SELECT r.id, r.correlation_id, r.student_id, r.topic, r.status, r.current_stage, r.progress_percentage, r.created_at,
       r.started_at, r.retry_count, r.organization_id,
       COALESCE(jsonb_agg(jsonb_build_object('stage_name', s.stage_name, 'status', s.status, 'started_at', s.started_at,
                                             'completed_at', s.completed_at, 'duration_seconds', s.duration_seconds)
                          ORDER BY s.stage_order) FILTER (WHERE s.id IS NOT NULL), '[]'::jsonb) AS stages
  FROM content_requests r
  LEFT JOIN request_stages s ON s.request_id = r.id
 WHERE r.status NOT IN ('completed', 'failed', 'cancelled')
 GROUP BY r.id;

CREATE VIEW request_metrics_summary AS
SELECT date_trunc('hour', created_at) AS hour,
       count(*) AS total_requests,
       count(*) FILTER (WHERE status = 'completed') AS successful_requests,
       count(*) FILTER (WHERE status = 'failed') AS failed_requests,
       count(*) FILTER (WHERE status NOT IN ('completed', 'failed', 'cancelled')) AS in_progress_requests,
       avg(total_duration_seconds) AS avg_duration_seconds,
       percentile_cont(0.95) WITHIN GROUP (ORDER BY total_duration_seconds) AS p95_duration_seconds,
       count(*) FILTER (WHERE retry_count > 0) AS retried_requests
  FROM content_requests
 WHERE created_at >= (now() AT TIME ZONE 'UTC') - interval '24 hours'
 GROUP BY 1;
