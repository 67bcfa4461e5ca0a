-- Up migration
-- Ids are text made by the program; no sequences, triggers or foreign keys, so that distributed
-- databases which speak this protocol can hold the same tables. Every order is by bytes ("C"), so that
-- pages come in the same order whatever the locale of the database.
-- Times are milliseconds since 1970: virtual time may lie anywhere, and every store keeps them exactly.
-- JSON is kept as text: jsonb reorders members, drops repeated ones and refuses \u0000, and some
-- databases make jsonb of json. What was written is what is read.

CREATE TABLE keyglot_key (
  sandbox text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  dialect text COLLATE "C" NOT NULL,
  tenant text COLLATE "C" NOT NULL,
  region text COLLATE "C" NOT NULL,
  wire_id text COLLATE "C" NOT NULL,
  spec text NOT NULL,
  usages text NOT NULL,
  origin text NOT NULL,
  state text NOT NULL,
  deletion_at bigint,
  created_at bigint NOT NULL,
  primary_version text NOT NULL,
  revision bigint NOT NULL,
  attributes text NOT NULL,
  twin_group text COLLATE "C" NOT NULL,
  CONSTRAINT keyglot_key_pkey PRIMARY KEY (sandbox, id)
);
-- Holds all that a listing needs, so that a page is read from neighbouring index entries.
CREATE UNIQUE INDEX keyglot_key_wire_id
  ON keyglot_key (sandbox, dialect, tenant, region, wire_id) INCLUDE (id, deletion_at);
-- For providers that number their pages.
CREATE INDEX keyglot_key_age
  ON keyglot_key (sandbox, dialect, tenant, region, created_at, wire_id);
CREATE INDEX keyglot_key_twins ON keyglot_key (sandbox, twin_group) WHERE twin_group <> '';
CREATE INDEX keyglot_key_deletion
  ON keyglot_key (sandbox, deletion_at) WHERE deletion_at IS NOT NULL;

CREATE TABLE keyglot_version (
  sandbox text COLLATE "C" NOT NULL,
  key_id text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  number integer NOT NULL,
  wire_id text COLLATE "C" NOT NULL,
  state text NOT NULL,
  created_at bigint NOT NULL,
  material_id text COLLATE "C" NOT NULL,
  attributes text NOT NULL,
  CONSTRAINT keyglot_version_pkey PRIMARY KEY (sandbox, key_id, id)
);

-- "refs" counts the versions that refer to the row; it goes with the last of them.
CREATE TABLE keyglot_material (
  sandbox text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  spec text NOT NULL,
  wrapped bytea NOT NULL,
  root_key_id text NOT NULL,
  refs integer NOT NULL,
  CONSTRAINT keyglot_material_pkey PRIMARY KEY (sandbox, id)
);

-- By wire id, because half of the dialects name a key without naming its realm.
CREATE TABLE keyglot_locator (
  sandbox text COLLATE "C" NOT NULL,
  dialect text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  wire_id text COLLATE "C" NOT NULL,
  tenant text COLLATE "C" NOT NULL,
  region text COLLATE "C" NOT NULL,
  key_id text COLLATE "C" NOT NULL,
  version_id text COLLATE "C" NOT NULL,
  CONSTRAINT keyglot_locator_pkey PRIMARY KEY (sandbox, dialect, kind, wire_id, tenant, region)
);
CREATE INDEX keyglot_locator_key ON keyglot_locator (sandbox, key_id);

CREATE TABLE keyglot_alias (
  sandbox text COLLATE "C" NOT NULL,
  dialect text COLLATE "C" NOT NULL,
  tenant text COLLATE "C" NOT NULL,
  region text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  key_id text COLLATE "C" NOT NULL,
  key_wire_id text COLLATE "C" NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  CONSTRAINT keyglot_alias_pkey PRIMARY KEY (sandbox, dialect, tenant, region, name)
);
CREATE INDEX keyglot_alias_key ON keyglot_alias (sandbox, key_id, name);

CREATE TABLE keyglot_resource (
  sandbox text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  parent text COLLATE "C" NOT NULL,
  body text NOT NULL,
  sealed bytea,
  version bigint NOT NULL,
  CONSTRAINT keyglot_resource_pkey PRIMARY KEY (sandbox, kind, id)
);
CREATE INDEX keyglot_resource_parent ON keyglot_resource (sandbox, kind, parent, id);

CREATE TABLE keyglot_resource_index (
  sandbox text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  value text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  CONSTRAINT keyglot_resource_index_pkey PRIMARY KEY (sandbox, kind, name, value)
);
CREATE INDEX keyglot_resource_index_id ON keyglot_resource_index (sandbox, kind, id);

CREATE TABLE keyglot_root_key (
  slot text COLLATE "C" NOT NULL,
  id text NOT NULL,
  check_value bytea NOT NULL,
  CONSTRAINT keyglot_root_key_pkey PRIMARY KEY (slot)
);

-- What was changed, written in the change's own transaction. A row with our own id is the proof that a
-- COMMIT whose answer was lost did happen.
CREATE TABLE keyglot_change (
  sandbox text COLLATE "C" NOT NULL,
  at_ms bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  kind text NOT NULL,
  target text NOT NULL,
  CONSTRAINT keyglot_change_pkey PRIMARY KEY (sandbox, at_ms, id)
);
