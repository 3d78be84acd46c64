-- Who changed what, or tried to. Names are text: a record outlives the user, the token and the app that it speaks of.

CREATE TABLE audit (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  time     timestamptz NOT NULL DEFAULT now(),
  username text NOT NULL,
  token    text NOT NULL,  -- id of the API token; empty: the session token
  address  text NOT NULL,
  action   text NOT NULL,
  app      text NOT NULL,  -- empty: not about an app
  detail   text NOT NULL,
  status   integer NOT NULL,
  request  text NOT NULL   -- X-Request-Id, for the controller's log
);
CREATE INDEX audit_app ON audit (app, id) WHERE app <> '';
