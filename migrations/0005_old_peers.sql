-- Backends and containers to which algorithms of long ago are spoken too.
ALTER TABLE backends ADD COLUMN legacy INTEGER NOT NULL DEFAULT 0 CHECK (legacy IN (0, 1));
ALTER TABLE containers ADD COLUMN legacy INTEGER NOT NULL DEFAULT 0 CHECK (legacy IN (0, 1));

-- What a login asks about its container is still answered by the index alone.
DROP INDEX containers_at_login;
CREATE INDEX containers_at_login ON containers (owner, name, backend, address, port, login, is_default, created_at, legacy);
