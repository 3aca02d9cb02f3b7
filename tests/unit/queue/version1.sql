PRAGMA foreign_keys = OFF;
PRAGMA application_id = 1447646801;
BEGIN TRANSACTION;
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES('boot_id','1');
INSERT INTO meta VALUES('paused/net','');
INSERT INTO meta VALUES('schema_version','1');
CREATE TABLE tally (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;
INSERT INTO tally VALUES('delayed','cpu',1);
INSERT INTO tally VALUES('in_progress','cpu',2);
INSERT INTO tally VALUES('job','cancelled',1);
INSERT INTO tally VALUES('job','completed',2);
INSERT INTO tally VALUES('job','failed',1);
INSERT INTO tally VALUES('job','quarantined',1);
INSERT INTO tally VALUES('job','queued',3);
INSERT INTO tally VALUES('job','running',2);
INSERT INTO tally VALUES('ready','cpu',2);
CREATE TABLE job (
  id INTEGER PRIMARY KEY,
  uid TEXT NOT NULL UNIQUE,
  fence INTEGER NOT NULL,
  correlation_id TEXT NOT NULL,
  class TEXT NOT NULL,
  priority INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  run_at INTEGER NOT NULL,
  deadline INTEGER,
  time_limit INTEGER,
  stage_count INTEGER NOT NULL,
  state TEXT NOT NULL,
  cancel_requested INTEGER NOT NULL DEFAULT 0,
  crashes INTEGER NOT NULL DEFAULT 0,
  started_at INTEGER,
  finished_at INTEGER,
  error_code TEXT,
  error_message TEXT,
  error_stage TEXT,
  payload TEXT
) STRICT;
INSERT INTO job VALUES(1,'00000000-0000-4000-8000-000000000001',7,'c-1','video',5,1800000000000000,1800000000000000,1800000900000000,900000000,2,'completed',0,0,1800000001000000,1800000008000000,NULL,NULL,NULL,'{"number":1}');
INSERT INTO job VALUES(2,'00000000-0000-4000-8000-000000000002',7,'c-2','video',5,1800000009000000,1800000009000000,NULL,NULL,2,'failed',0,0,1800000010000000,1800000011000000,'invalid_input','title is missing','script','{"number":2}');
INSERT INTO job VALUES(3,'00000000-0000-4000-8000-000000000003',0,'c-3','video',5,1800000012000000,1800000012000000,NULL,NULL,1,'quarantined',0,3,1800000013000000,1800000616000000,'worker_crashed','ended its worker 3 times; last: signal 11','render','{"number":3}');
INSERT INTO job VALUES(4,'00000000-0000-4000-8000-000000000005',7,'c-5','video',5,1800000916000000,1800000916000000,NULL,NULL,2,'completed',0,0,1800000917000000,1800000919000000,NULL,NULL,NULL,'{"number":5}');
INSERT INTO job VALUES(5,'00000000-0000-4000-8000-000000000009',0,'c-9','video',5,1800000920000000,1800000920000000,NULL,NULL,2,'cancelled',1,0,NULL,1800000921000000,'cancelled','cancelled on request','script','{"number":9}');
INSERT INTO job VALUES(6,'00000000-0000-4000-8000-000000000006',7,'c-6','video',5,1800000922000000,1800000922000000,NULL,NULL,2,'running',1,0,1800000923000000,NULL,NULL,NULL,NULL,'{"number":6}');
INSERT INTO job VALUES(7,'00000000-0000-4000-8000-000000000007',7,'c-7','video',5,1800000925000000,1800000925000000,NULL,NULL,2,'running',0,0,1800000926000000,NULL,NULL,NULL,NULL,'{"number":7}');
INSERT INTO job VALUES(8,'00000000-0000-4000-8000-000000000004',0,'c-4','video',5,1800000927000000,1800000927000000,NULL,NULL,2,'queued',0,0,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO job VALUES(9,'00000000-0000-4000-8000-000000000008',7,'c-8','video',5,1800000928000000,1800004528000000,NULL,NULL,2,'queued',0,0,NULL,NULL,NULL,NULL,NULL,'{"number":8}');
INSERT INTO job VALUES(10,'00000000-0000-4000-8000-000000000010',7,'c-10','video',5,1800000929000000,1800000929000000,NULL,NULL,2,'queued',0,0,NULL,NULL,NULL,NULL,NULL,'{"number":10}');
CREATE TABLE payload (
  job_id INTEGER PRIMARY KEY REFERENCES job (id),
  body TEXT NOT NULL
) STRICT;
INSERT INTO payload VALUES(8,'"pppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppp"');
CREATE TABLE stage (
  id INTEGER PRIMARY KEY,
  job_id INTEGER GENERATED ALWAYS AS (id / 64) VIRTUAL,
  ordinal INTEGER GENERATED ALWAYS AS (id % 64) VIRTUAL,
  name TEXT NOT NULL,
  lane TEXT NOT NULL,
  rank INTEGER NOT NULL,
  state TEXT NOT NULL,
  run_at INTEGER,
  ready_since INTEGER,
  attempt INTEGER NOT NULL DEFAULT 0,
  used INTEGER NOT NULL DEFAULT 0,
  crashes INTEGER NOT NULL DEFAULT 0,
  boot_id INTEGER,
  holder_pid INTEGER,
  holder_start_ticks INTEGER,
  critical INTEGER NOT NULL,
  start_to_close_ms INTEGER NOT NULL,
  silence_ms INTEGER NOT NULL,
  max_attempts INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  result TEXT,
  error_code TEXT,
  error_message TEXT
) STRICT;
INSERT INTO stage VALUES(64,'script','cpu',1799999700000000,'completed',NULL,1800000004000000,2,2,0,NULL,0,0,1,600000,60000,3,1800000005000000,1800000006000000,'{"attempt":97}',NULL,NULL);
INSERT INTO stage VALUES(65,'render','cpu',1799999700000000,'completed',NULL,1800000006000000,2,2,0,NULL,0,0,1,600000,60000,3,1800000007000000,1800000008000000,'{}',NULL,NULL);
INSERT INTO stage VALUES(128,'script','cpu',1799999709000000,'failed',NULL,1800000009000000,1,1,0,NULL,0,0,1,600000,60000,3,1800000010000000,1800000011000000,NULL,'invalid_input','title is missing');
INSERT INTO stage VALUES(129,'render','cpu',1799999709000000,'pending',NULL,NULL,0,0,0,NULL,NULL,NULL,1,600000,60000,3,NULL,NULL,NULL,NULL,NULL);
INSERT INTO stage VALUES(192,'render','cpu',1799999712000000,'failed',NULL,1800000317556000,3,3,3,NULL,0,0,1,600000,60000,3,1800000615000000,1800000616000000,NULL,'worker_crashed','ended its worker 3 times; last: signal 11');
INSERT INTO stage VALUES(256,'script','cpu',1800000616000000,'completed',NULL,1800000916000000,1,1,0,NULL,0,0,1,600000,60000,3,1800000917000000,1800000918000000,'{}',NULL,NULL);
INSERT INTO stage VALUES(257,'render','cpu',1800000616000000,'failed',NULL,1800000918000000,1,1,0,NULL,0,0,0,600000,60000,3,1800000918000000,1800000919000000,NULL,'invalid_input','no hook');
INSERT INTO stage VALUES(320,'script','cpu',1800000620000000,'cancelled',NULL,1800000920000000,0,0,0,NULL,NULL,NULL,1,600000,60000,3,NULL,1800000921000000,NULL,NULL,NULL);
INSERT INTO stage VALUES(321,'render','cpu',1800000620000000,'cancelled',NULL,NULL,0,0,0,NULL,NULL,NULL,1,600000,60000,3,NULL,1800000921000000,NULL,NULL,NULL);
INSERT INTO stage VALUES(384,'script','cpu',1800000622000000,'in_progress',NULL,1800000922000000,1,1,0,1,0,0,1,600000,60000,3,1800000923000000,NULL,NULL,NULL,NULL);
INSERT INTO stage VALUES(385,'render','cpu',1800000622000000,'cancelled',NULL,NULL,0,0,0,NULL,NULL,NULL,1,600000,60000,3,NULL,1800000924000000,NULL,NULL,NULL);
INSERT INTO stage VALUES(448,'script','cpu',1800000625000000,'in_progress',NULL,1800000925000000,1,1,0,1,4321,99,1,600000,60000,3,1800000926000000,NULL,NULL,NULL,NULL);
INSERT INTO stage VALUES(449,'render','cpu',1800000625000000,'pending',NULL,NULL,0,0,0,NULL,NULL,NULL,1,600000,60000,3,NULL,NULL,NULL,NULL,NULL);
INSERT INTO stage VALUES(512,'script','cpu',1800000627000000,'ready',NULL,1800000927000000,0,0,0,NULL,NULL,NULL,1,600000,60000,3,NULL,NULL,NULL,NULL,NULL);
INSERT INTO stage VALUES(513,'render','cpu',1800000627000000,'pending',NULL,NULL,0,0,0,NULL,NULL,NULL,1,600000,60000,3,NULL,NULL,NULL,NULL,NULL);
INSERT INTO stage VALUES(576,'script','cpu',1800004228000000,'ready',1800004528000000,1800004528000000,0,0,0,NULL,NULL,NULL,1,600000,60000,3,NULL,NULL,NULL,NULL,NULL);
INSERT INTO stage VALUES(577,'render','cpu',1800004228000000,'pending',NULL,NULL,0,0,0,NULL,NULL,NULL,1,600000,60000,3,NULL,NULL,NULL,NULL,NULL);
INSERT INTO stage VALUES(640,'script','cpu',1800000629000000,'ready',NULL,1800000929000000,0,0,0,NULL,NULL,NULL,1,600000,60000,3,NULL,NULL,NULL,NULL,NULL);
INSERT INTO stage VALUES(641,'render','cpu',1800000629000000,'pending',NULL,NULL,0,0,0,NULL,NULL,NULL,1,600000,60000,3,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE attempt (
  stage_id INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  ready_since INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  finished_at INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  message TEXT,
  detail TEXT,
  PRIMARY KEY (stage_id, attempt)
) STRICT, WITHOUT ROWID;
INSERT INTO attempt VALUES(64,1,1800000000000000,1800000001000000,1800000002000000,'completed',NULL,NULL);
INSERT INTO attempt VALUES(64,2,1800000004000000,1800000005000000,1800000006000000,'completed',NULL,NULL);
INSERT INTO attempt VALUES(65,1,1800000002000000,1800000003000000,1800000004000000,'data_corrupt','script.json is gone',NULL);
INSERT INTO attempt VALUES(65,2,1800000006000000,1800000007000000,1800000008000000,'completed',NULL,NULL);
INSERT INTO attempt VALUES(128,1,1800000009000000,1800000010000000,1800000011000000,'invalid_input','title is missing',NULL);
INSERT INTO attempt VALUES(192,1,1800000012000000,1800000013000000,1800000014000000,'worker_crashed','signal 11',NULL);
INSERT INTO attempt VALUES(192,2,1800000015511000,1800000314000000,1800000315000000,'worker_crashed','signal 11',NULL);
INSERT INTO attempt VALUES(192,3,1800000317556000,1800000615000000,1800000616000000,'worker_crashed','signal 11',NULL);
INSERT INTO attempt VALUES(256,1,1800000916000000,1800000917000000,1800000918000000,'completed',NULL,NULL);
INSERT INTO attempt VALUES(257,1,1800000918000000,1800000918000000,1800000919000000,'invalid_input','no hook',NULL);
CREATE TABLE outbox (
  seq INTEGER PRIMARY KEY,
  job_id INTEGER NOT NULL REFERENCES job (id),
  kind TEXT NOT NULL,
  stage TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (job_id, kind, stage)
) STRICT;
INSERT INTO outbox VALUES(3,1,'stage','script',1800000006000000,'{"state":"completed","attempt":2,"started_at_us":1800000005000000,"finished_at_us":1800000006000000,"result":{"attempt":97}}');
INSERT INTO outbox VALUES(4,1,'stage','render',1800000008000000,'{"state":"completed","attempt":2,"started_at_us":1800000007000000,"finished_at_us":1800000008000000,"result":{}}');
INSERT INTO outbox VALUES(5,1,'final','',1800000008000000,'{"state":"completed","finished_at_us":1800000008000000}');
INSERT INTO outbox VALUES(6,2,'accepted','',1800000009000000,'{"class":"video","priority":5,"created_at_us":1800000009000000,"stages":["script","render"],"skipped":[]}');
INSERT INTO outbox VALUES(7,2,'stage','script',1800000011000000,'{"state":"failed","attempt":1,"started_at_us":1800000010000000,"finished_at_us":1800000011000000,"error_code":"invalid_input","error_message":"title is missing"}');
INSERT INTO outbox VALUES(8,2,'final','',1800000011000000,'{"state":"failed","finished_at_us":1800000011000000,"error_code":"invalid_input","error_message":"title is missing","error_stage":"script"}');
INSERT INTO outbox VALUES(9,3,'accepted','',1800000012000000,'{"class":"video","priority":5,"created_at_us":1800000012000000,"stages":["render"],"skipped":[]}');
INSERT INTO outbox VALUES(10,3,'stage','render',1800000616000000,'{"state":"failed","attempt":3,"started_at_us":1800000615000000,"finished_at_us":1800000616000000,"error_code":"worker_crashed","error_message":"ended its worker 3 times; last: signal 11"}');
INSERT INTO outbox VALUES(11,3,'final','',1800000616000000,'{"state":"quarantined","finished_at_us":1800000616000000,"error_code":"worker_crashed","error_message":"ended its worker 3 times; last: signal 11","error_stage":"render"}');
INSERT INTO outbox VALUES(12,4,'accepted','',1800000916000000,'{"class":"video","priority":5,"created_at_us":1800000916000000,"stages":["script","render"],"skipped":[]}');
INSERT INTO outbox VALUES(13,4,'stage','script',1800000918000000,'{"state":"completed","attempt":1,"started_at_us":1800000917000000,"finished_at_us":1800000918000000,"result":{}}');
INSERT INTO outbox VALUES(14,4,'stage','render',1800000919000000,'{"state":"failed","attempt":1,"started_at_us":1800000918000000,"finished_at_us":1800000919000000,"error_code":"invalid_input","error_message":"no hook"}');
INSERT INTO outbox VALUES(15,4,'final','',1800000919000000,'{"state":"completed","finished_at_us":1800000919000000}');
INSERT INTO outbox VALUES(16,5,'accepted','',1800000920000000,'{"class":"video","priority":5,"created_at_us":1800000920000000,"stages":["script","render"],"skipped":[]}');
INSERT INTO outbox VALUES(17,5,'final','',1800000921000000,'{"state":"cancelled","finished_at_us":1800000921000000,"error_code":"cancelled","error_message":"cancelled on request","error_stage":"script"}');
INSERT INTO outbox VALUES(18,6,'accepted','',1800000922000000,'{"class":"video","priority":5,"created_at_us":1800000922000000,"stages":["script","render"],"skipped":[]}');
INSERT INTO outbox VALUES(19,7,'accepted','',1800000925000000,'{"class":"video","priority":5,"created_at_us":1800000925000000,"stages":["script","render"],"skipped":[]}');
INSERT INTO outbox VALUES(20,8,'accepted','',1800000927000000,'{"class":"video","priority":5,"created_at_us":1800000927000000,"stages":["script","render"],"skipped":[]}');
INSERT INTO outbox VALUES(21,9,'accepted','',1800000928000000,'{"class":"video","priority":5,"created_at_us":1800000928000000,"stages":["script","render"],"skipped":[]}');
INSERT INTO outbox VALUES(22,10,'accepted','',1800000929000000,'{"class":"video","priority":5,"created_at_us":1800000929000000,"stages":["script","render"],"skipped":[]}');
CREATE INDEX job_noted ON job (state) WHERE state IN ('running', 'failed', 'quarantined', 'cancelled');
CREATE INDEX job_finished ON job (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX job_cancel ON job (cancel_requested) WHERE cancel_requested = 1 AND finished_at IS NULL;
CREATE INDEX stage_ready ON stage (lane, rank) WHERE state = 'ready' AND run_at IS NULL;
CREATE INDEX stage_delayed ON stage (run_at) WHERE run_at IS NOT NULL;
CREATE INDEX stage_leased ON stage (boot_id) WHERE boot_id IS NOT NULL;
COMMIT;
