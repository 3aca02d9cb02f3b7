-- Remembers deliveries as applied, in the transaction that applies them.
-- $1: [{"id", "fence", "kind", "stage", "attempt"}]. $2: node_id.
INSERT INTO vividd.applied_delivery (request_id, fence, kind, stage, attempt, node_id)
SELECT d.id, d.fence, d.kind, d.stage, d.attempt, $2
  FROM jsonb_to_recordset($1::jsonb) AS d (id uuid, fence bigint, kind text, stage text, attempt int);
