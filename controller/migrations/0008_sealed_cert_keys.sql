-- Private keys are sealed like the other secrets (0005). The controller seals the plain ones when it starts.
ALTER TABLE certs
  ALTER COLUMN key DROP NOT NULL,
  ADD COLUMN sealed_key text,
  ADD COLUMN sealed_by text CONSTRAINT certs_vault_key REFERENCES vault_keys (id),
  ADD CONSTRAINT certs_form CHECK (
    (key IS NULL) = (sealed_key IS NOT NULL) AND (sealed_key IS NULL) = (sealed_by IS NULL));
CREATE INDEX certs_sealed_by ON certs (sealed_by);
CREATE INDEX certs_plain ON certs (id) WHERE sealed_key IS NULL;
