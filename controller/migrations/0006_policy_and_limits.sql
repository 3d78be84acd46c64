-- The limit of processes and threads belongs to a release as memory and cpu do.
ALTER TABLE configs ADD COLUMN pids jsonb NOT NULL DEFAULT '{}';

-- What the people of an app decided about its traffic, beside releases (core/component/app_policy.h). No row: nothing yet.
CREATE TABLE app_policies (
  app     text PRIMARY KEY REFERENCES apps (id) ON DELETE CASCADE,
  policy  jsonb NOT NULL,
  updated timestamptz NOT NULL DEFAULT now()
);
