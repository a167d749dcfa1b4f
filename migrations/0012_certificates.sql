-- What the bastion logs in with: its identity key, or a certificate that it makes for each login.
ALTER TABLE backends ADD COLUMN identity TEXT NOT NULL DEFAULT 'key' CHECK (identity IN ('key', 'certificate'));
ALTER TABLE containers ADD COLUMN identity TEXT NOT NULL DEFAULT 'key' CHECK (identity IN ('key', 'certificate'));

-- What a login asks about its container is still answered by the index alone.
DROP INDEX containers_at_login;
CREATE INDEX containers_at_login
  ON containers (owner, name, backend, address, port, login, is_default, created_at, legacy, identity);
