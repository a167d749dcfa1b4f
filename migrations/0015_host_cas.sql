-- CAs whose certificates say which host key is whose. `hosts` is a pattern-list, as in a line of known_hosts that begins
-- with @cert-authority.
CREATE TABLE host_cas (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  blob     BLOB NOT NULL UNIQUE,
  hosts    TEXT NOT NULL,
  comment  TEXT NOT NULL,
  added_at INTEGER NOT NULL
) STRICT;

-- The name that a certificate of a machine is for, where that is not its address. Machines are as in host_keys.
CREATE TABLE host_key_aliases (
  id      INTEGER PRIMARY KEY,
  backend INTEGER NOT NULL REFERENCES backends ON DELETE CASCADE,
  address TEXT,
  port    INTEGER,
  name    TEXT NOT NULL,
  CHECK ((address IS NULL) = (port IS NULL))
) STRICT;

CREATE UNIQUE INDEX host_key_aliases_of_backends ON host_key_aliases (backend) WHERE address IS NULL;
CREATE UNIQUE INDEX host_key_aliases_of_machines ON host_key_aliases (backend, address, port) WHERE address IS NOT NULL;
CREATE INDEX host_key_aliases_by_name ON host_key_aliases (name);

-- With which certificate a machine was known last. It opens nothing.
CREATE TABLE certified_hosts (
  id           INTEGER PRIMARY KEY,
  backend      INTEGER NOT NULL REFERENCES backends ON DELETE CASCADE,
  address      TEXT,
  port         INTEGER,
  blob         BLOB NOT NULL,
  ca           BLOB NOT NULL,
  key_id       TEXT NOT NULL,
  valid_before INTEGER,
  seen_at      INTEGER NOT NULL,
  CHECK ((address IS NULL) = (port IS NULL))
) STRICT;

CREATE UNIQUE INDEX certified_hosts_of_backends ON certified_hosts (backend) WHERE address IS NULL;
CREATE UNIQUE INDEX certified_hosts_of_machines ON certified_hosts (backend, address, port) WHERE address IS NOT NULL;

-- A name goes along with what moves, to where nobody has one yet. What nobody is at any more has none.
CREATE TRIGGER named_machine_changed AFTER UPDATE OF backend, address, port ON containers
WHEN (OLD.backend, OLD.address, OLD.port) IS NOT (NEW.backend, NEW.address, NEW.port)
BEGIN
  INSERT OR IGNORE INTO host_key_aliases (backend, address, port, name)
    SELECT NEW.backend, NEW.address, NEW.port, name FROM host_key_aliases
    WHERE backend = OLD.backend AND address = OLD.address AND port = OLD.port;
  DELETE FROM host_key_aliases WHERE backend = OLD.backend AND address = OLD.address AND port = OLD.port
    AND NOT EXISTS (SELECT 1 FROM containers c WHERE c.backend = OLD.backend AND c.address = OLD.address
      AND c.port = OLD.port);
  DELETE FROM certified_hosts WHERE backend = OLD.backend AND address = OLD.address AND port = OLD.port
    AND NOT EXISTS (SELECT 1 FROM containers c WHERE c.backend = OLD.backend AND c.address = OLD.address
      AND c.port = OLD.port);
END;

CREATE TRIGGER named_machine_left AFTER DELETE ON containers
BEGIN
  DELETE FROM host_key_aliases WHERE backend = OLD.backend AND address = OLD.address AND port = OLD.port
    AND NOT EXISTS (SELECT 1 FROM containers c WHERE c.backend = OLD.backend AND c.address = OLD.address
      AND c.port = OLD.port);
  DELETE FROM certified_hosts WHERE backend = OLD.backend AND address = OLD.address AND port = OLD.port
    AND NOT EXISTS (SELECT 1 FROM containers c WHERE c.backend = OLD.backend AND c.address = OLD.address
      AND c.port = OLD.port);
END;
