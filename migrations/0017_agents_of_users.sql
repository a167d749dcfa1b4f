-- A container may take the user's own keys, from the agent that is forwarded to the bastion. A check cannot be changed where
-- it is, so the column is made anew.
DROP INDEX containers_at_login;
ALTER TABLE containers ADD COLUMN presents TEXT NOT NULL DEFAULT 'key' CHECK (presents IN ('key', 'certificate', 'agent'));
UPDATE containers SET presents = identity WHERE identity <> 'key';
ALTER TABLE containers DROP COLUMN identity;
ALTER TABLE containers RENAME COLUMN presents TO identity;

-- What a login asks about its container is still answered by the index alone.
CREATE INDEX containers_at_login
  ON containers (owner, name, backend, address, port, login, is_default, created_at, legacy, identity);
