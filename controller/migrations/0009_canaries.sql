-- A release that was made without rolling it out to everybody: it is in the history, and the live release is the newest other one.
ALTER TABLE releases ADD COLUMN held boolean NOT NULL DEFAULT false;

-- The release that runs beside the live one and gets a part of the requests.
CREATE TABLE canaries (
  app        text PRIMARY KEY REFERENCES apps (id) ON DELETE CASCADE,
  release    bigint NOT NULL,
  weight     integer NOT NULL CHECK (weight BETWEEN 1 AND 99), -- per cent of the requests
  containers jsonb NOT NULL,                                   -- process type -> count
  owner      text NOT NULL,
  created    timestamptz NOT NULL DEFAULT now(),
  updated    timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (app, release) REFERENCES releases (app, version) ON DELETE CASCADE
);
