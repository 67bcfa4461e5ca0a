-- Up migration
-- When the key's dialect has something to do to it; milliseconds since 1970, as all times.

ALTER TABLE keyglot_key ADD COLUMN due_at bigint;
CREATE INDEX keyglot_key_due ON keyglot_key (sandbox, due_at, id) WHERE due_at IS NOT NULL;
