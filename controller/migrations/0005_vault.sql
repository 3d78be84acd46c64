-- Secrets are sealed (controller/vault) with keys that are not in the database. `vault_keys` names the keys that rows
-- may use: the references make it impossible to forget a key that is in use, and to write with one that is forgotten.
-- The controller seals the rows that are plain when it starts; until then both forms may be there.

CREATE TABLE vault_keys (
  id      text PRIMARY KEY,
  created timestamptz NOT NULL DEFAULT now()
);

ALTER TABLE configs
  ALTER COLUMN values DROP NOT NULL,
  ADD COLUMN sealed_values text,
  ADD COLUMN sealed_by text CONSTRAINT configs_vault_key REFERENCES vault_keys (id),
  ADD CONSTRAINT configs_form CHECK (
    (values IS NULL) = (sealed_values IS NOT NULL) AND (sealed_values IS NULL) = (sealed_by IS NULL));
CREATE INDEX configs_sealed_by ON configs (sealed_by);
CREATE INDEX configs_plain ON configs (seq) WHERE sealed_values IS NULL;

-- The session token is shown again at each login, so it is sealed, and found by a keyed hash.
ALTER TABLE users
  ALTER COLUMN token DROP NOT NULL,
  ADD COLUMN token_hash text CONSTRAINT token_hash UNIQUE,
  ADD COLUMN sealed_token text,
  ADD COLUMN sealed_by text CONSTRAINT users_vault_key REFERENCES vault_keys (id),
  ADD CONSTRAINT users_form CHECK (
    (token IS NULL) = (sealed_token IS NOT NULL) AND (sealed_token IS NULL) = (sealed_by IS NULL)
    AND (sealed_token IS NULL) = (token_hash IS NULL));
CREATE INDEX users_sealed_by ON users (sealed_by);
CREATE INDEX users_plain ON users (id) WHERE sealed_token IS NULL;
