-- API tokens beside the one session token of a user. Only SHA-256 of the secret is kept: it has 160 random bits, so
-- nobody guesses it from the hash. `apps` holds names, not references: a list whose last app is destroyed must not
-- become the empty list, which stands for all apps.

CREATE TABLE tokens (
  seq       bigint GENERATED ALWAYS AS IDENTITY,
  id        text PRIMARY KEY,
  owner     text NOT NULL REFERENCES users (username) ON DELETE CASCADE,
  name      text NOT NULL,
  hash      text NOT NULL UNIQUE,
  scopes    jsonb NOT NULL,
  apps      jsonb NOT NULL,
  created   timestamptz NOT NULL DEFAULT now(),
  expires   timestamptz,
  last_used timestamptz,
  CONSTRAINT name UNIQUE (owner, name)
);
