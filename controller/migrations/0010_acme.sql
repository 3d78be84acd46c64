-- Got from an authority by the platform itself: its successor replaces it, whosever it is.
ALTER TABLE certs ADD COLUMN automatic boolean NOT NULL DEFAULT false;

-- Our accounts at certificate authorities: the key is all there is of one.
CREATE TABLE acme_accounts (
  directory  text PRIMARY KEY, -- URL of the authority
  sealed_key text NOT NULL,
  sealed_by  text NOT NULL CONSTRAINT acme_accounts_vault_key REFERENCES vault_keys (id),
  created    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX acme_accounts_sealed_by ON acme_accounts (sealed_by);

-- Domains whose certificate the platform gets and renews by itself, and how that goes. The certificate itself is a row of
-- `certs` like any other: it outlives this one.
CREATE TABLE auto_certs (
  domain       text PRIMARY KEY,                   -- in lower case
  app          text NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  requested_by text NOT NULL,
  created      timestamptz NOT NULL DEFAULT now(),
  next_attempt timestamptz NOT NULL,
  last_attempt timestamptz,
  failures     integer NOT NULL DEFAULT 0,         -- in a row
  last_error   text NOT NULL DEFAULT '',
  held_until   timestamptz,                        -- the authority, or a limit of ours, allows nothing before
  ordering     boolean NOT NULL DEFAULT false      -- an order is under way, or was when its controller died
);
CREATE INDEX auto_certs_app ON auto_certs (app);
CREATE INDEX auto_certs_next ON auto_certs (next_attempt);

-- What was asked of authorities lately, for the limits. No outcome: under way, or nobody knows.
CREATE TABLE acme_orders (
  id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  domain  text NOT NULL,
  begun   timestamptz NOT NULL,
  outcome text -- issued, invalid (the domain was not validated), refused (anything else)
);
CREATE INDEX acme_orders_begun ON acme_orders (begun);
