-- A container has an address, or a command that its backend runs and that has SSH to it on its standard input and output.
-- Either is its place, in the column that the address has always stood in: what is unique about it, and whose the host
-- keys are, is the same for both. A command has no port.
ALTER TABLE containers ADD COLUMN reach TEXT NOT NULL DEFAULT 'address'
  CHECK (reach IN ('address', 'command') AND (reach = 'address' OR (port = 22 AND address <> '')));

-- What a login asks about its container is still answered by the index alone.
DROP INDEX containers_at_login;
CREATE INDEX containers_at_login
  ON containers (owner, name, backend, address, port, login, is_default, created_at, legacy, identity, reach);
