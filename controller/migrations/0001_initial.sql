-- Names of users are kept as text where a row outlives its author (contract api.md §3.3): deleting an account must not delete
-- other people's releases. `seq` gives lists their order of creation.

CREATE TABLE users (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  username      text NOT NULL,
  password_hash text NOT NULL,
  email         text NOT NULL,
  first_name    text NOT NULL,
  last_name     text NOT NULL,
  is_superuser  boolean NOT NULL,
  is_active     boolean NOT NULL DEFAULT true,
  token         text NOT NULL,
  date_joined   timestamptz NOT NULL DEFAULT now(),
  last_login    timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT username UNIQUE (username),
  CONSTRAINT token UNIQUE (token)
);

CREATE TABLE keys (
  seq         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  uuid        uuid NOT NULL DEFAULT gen_random_uuid(),
  owner       text NOT NULL REFERENCES users (username) ON DELETE CASCADE,
  id          text NOT NULL,
  public      text NOT NULL,
  fingerprint text NOT NULL,
  created     timestamptz NOT NULL DEFAULT now(),
  updated     timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT public UNIQUE (fingerprint),
  CONSTRAINT id UNIQUE (owner, id)
);

CREATE TABLE apps (
  seq       bigint GENERATED ALWAYS AS IDENTITY,
  uuid      uuid NOT NULL DEFAULT gen_random_uuid(),
  id        text PRIMARY KEY,
  owner     text NOT NULL REFERENCES users (username),
  structure jsonb NOT NULL DEFAULT '{}',
  created   timestamptz NOT NULL DEFAULT now(),
  updated   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX apps_owner ON apps (owner);

CREATE TABLE grants (
  app      text NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  username text NOT NULL REFERENCES users (username) ON DELETE CASCADE,
  PRIMARY KEY (app, username)
);
CREATE INDEX grants_username ON grants (username);

CREATE TABLE configs (
  seq     bigint GENERATED ALWAYS AS IDENTITY,
  uuid    uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  app     text NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  owner   text NOT NULL,
  values  jsonb NOT NULL,
  memory  jsonb NOT NULL,
  cpu     jsonb NOT NULL,
  tags    jsonb NOT NULL,
  created timestamptz NOT NULL DEFAULT now(),
  updated timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX configs_app ON configs (app);

CREATE TABLE builds (
  seq        bigint GENERATED ALWAYS AS IDENTITY,
  uuid       uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  app        text NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  owner      text NOT NULL,
  image      text NOT NULL,
  sha        text NOT NULL,
  procfile   jsonb NOT NULL,
  dockerfile text NOT NULL,
  created    timestamptz NOT NULL DEFAULT now(),
  updated    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX builds_app ON builds (app, seq DESC);

CREATE TABLE releases (
  uuid    uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  app     text NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  owner   text NOT NULL,
  version bigint NOT NULL CHECK (version >= 1),
  summary text NOT NULL,
  config  uuid NOT NULL REFERENCES configs (uuid),
  build   uuid REFERENCES builds (uuid),
  created timestamptz NOT NULL DEFAULT now(),
  updated timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT version UNIQUE (app, version)
);

-- The formation: what shall run. What does run is asked from the engine.
CREATE TABLE containers (
  seq     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  uuid    uuid NOT NULL DEFAULT gen_random_uuid(),
  app     text NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  owner   text NOT NULL,
  type    text NOT NULL,
  num     integer NOT NULL CHECK (num >= 1),
  release bigint NOT NULL,
  created timestamptz NOT NULL DEFAULT now(),
  updated timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT num UNIQUE (app, type, num)
);

CREATE TABLE pushes (
  seq                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  uuid                 uuid NOT NULL DEFAULT gen_random_uuid(),
  app                  text NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  owner                text NOT NULL,
  sha                  text NOT NULL,
  fingerprint          text NOT NULL,
  receive_user         text NOT NULL,
  receive_repo         text NOT NULL,
  ssh_connection       text NOT NULL,
  ssh_original_command text NOT NULL,
  created              timestamptz NOT NULL DEFAULT now(),
  updated              timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX pushes_app ON pushes (app);

CREATE TABLE domains (
  seq     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  app     text NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  owner   text NOT NULL,
  domain  text NOT NULL,
  created timestamptz NOT NULL DEFAULT now(),
  updated timestamptz NOT NULL DEFAULT now()
);
-- Routers compare host names without case.
CREATE UNIQUE INDEX domain ON domains (lower(domain));
CREATE INDEX domains_app ON domains (app);
