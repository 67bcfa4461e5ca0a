-- Up migration
-- The latest use of each key, written in batches; a row too many or too few harms nothing.

CREATE TABLE keyglot_key_use (
  sandbox text COLLATE "C" NOT NULL,
  key_id text COLLATE "C" NOT NULL,
  operation text NOT NULL,
  at_ms bigint NOT NULL,
  request_id text NOT NULL,
  CONSTRAINT keyglot_key_use_pkey PRIMARY KEY (sandbox, key_id)
);
