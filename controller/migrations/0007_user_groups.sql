-- Groups of the LDAP directory that the user was in when he last logged in (contract api.md §6.3).
ALTER TABLE users ADD COLUMN groups text[] NOT NULL DEFAULT '{}';
