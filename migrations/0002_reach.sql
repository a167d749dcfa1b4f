-- What a user may do with her login, for how long, and when somebody has to look at that again.

-- Options as in authorized_keys(5); empty: everything is allowed. Limits in seconds; 0: none; NULL: the configured one.
ALTER TABLE users ADD COLUMN options TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN idle_timeout INTEGER CHECK (idle_timeout >= 0);
ALTER TABLE users ADD COLUMN max_session INTEGER CHECK (max_session >= 0);
ALTER TABLE user_keys ADD COLUMN options TEXT NOT NULL DEFAULT '';

-- A forward names an address or a host.
CREATE INDEX containers_by_address ON containers (address);
CREATE INDEX backends_by_host ON backends (host);

-- One row. Its number grows with everything that may end or change a session that is running, so that whoever has
-- looked at the number need not look at anything else until it has grown. That a user or a key is new concerns nobody
-- who is logged in already.
CREATE TABLE permissions (
  id         INTEGER PRIMARY KEY CHECK (id = 1),
  generation INTEGER NOT NULL
) STRICT;

INSERT INTO permissions (id, generation) VALUES (1, 1);

CREATE TRIGGER user_changed AFTER UPDATE ON users
BEGIN
  UPDATE permissions SET generation = generation + 1;
END;

CREATE TRIGGER user_removed AFTER DELETE ON users
BEGIN
  UPDATE permissions SET generation = generation + 1;
END;

CREATE TRIGGER key_changed AFTER UPDATE OF user, blob, options, expires_at ON user_keys
BEGIN
  UPDATE permissions SET generation = generation + 1;
END;

CREATE TRIGGER key_removed AFTER DELETE ON user_keys
BEGIN
  UPDATE permissions SET generation = generation + 1;
END;

CREATE TRIGGER backend_changed AFTER UPDATE ON backends
BEGIN
  UPDATE permissions SET generation = generation + 1;
END;

CREATE TRIGGER backend_removed AFTER DELETE ON backends
BEGIN
  UPDATE permissions SET generation = generation + 1;
END;

CREATE TRIGGER container_added AFTER INSERT ON containers
BEGIN
  UPDATE permissions SET generation = generation + 1;
END;

CREATE TRIGGER container_changed AFTER UPDATE ON containers
BEGIN
  UPDATE permissions SET generation = generation + 1;
END;

CREATE TRIGGER container_removed AFTER DELETE ON containers
BEGIN
  UPDATE permissions SET generation = generation + 1;
END;

CREATE TRIGGER share_added AFTER INSERT ON shares
BEGIN
  UPDATE permissions SET generation = generation + 1;
END;

CREATE TRIGGER share_changed AFTER UPDATE ON shares
BEGIN
  UPDATE permissions SET generation = generation + 1;
END;

CREATE TRIGGER share_removed AFTER DELETE ON shares
BEGIN
  UPDATE permissions SET generation = generation + 1;
END;

-- Which process serves a session: what another one has left open can be told from what is still open there.
ALTER TABLE sessions ADD COLUMN server TEXT NOT NULL DEFAULT '';

-- Who gave a command: beside the user, the key and the address she came with. Empty for whoever sat on the machine.
ALTER TABLE audit ADD COLUMN key_fingerprint TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN from_host TEXT NOT NULL DEFAULT '';
