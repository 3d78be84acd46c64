-- Certificates belong to users, not to apps (contract api.md §4.8). `key` is what domain/certs.cpp makes of the private key.

CREATE TABLE certs (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  owner       text NOT NULL REFERENCES users (username) ON DELETE CASCADE,
  common_name text NOT NULL,
  extended    boolean NOT NULL, -- made with our own extension: with a wildcard or several names
  certificate text NOT NULL,    -- PEM, the first of the chain is the server's own
  key         text NOT NULL,
  expires     timestamptz NOT NULL,
  created     timestamptz NOT NULL DEFAULT now(),
  updated     timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX common_name ON certs (lower(common_name));
CREATE INDEX certs_owner ON certs (owner);

-- The host names a certificate is presented for, in lower case: each has one certificate.
CREATE TABLE cert_names (
  name text NOT NULL,
  cert bigint NOT NULL REFERENCES certs (id) ON DELETE CASCADE,
  CONSTRAINT names PRIMARY KEY (name)
);
CREATE INDEX cert_names_cert ON cert_names (cert);
