-- A host has a host key of each type, and two of one type while it changes from one to the other. Each is learned or
-- pinned, and any of them will do.
DROP INDEX host_keys_of_backends;
DROP INDEX host_keys_of_machines;
CREATE UNIQUE INDEX host_keys_of_backends ON host_keys (backend, blob) WHERE address IS NULL;
CREATE UNIQUE INDEX host_keys_of_machines ON host_keys (backend, address, port, blob) WHERE address IS NOT NULL;

-- What a host has presented last that is none of those, for an administrator to judge. It opens nothing.
CREATE TABLE refused_host_keys (
  id      INTEGER PRIMARY KEY,
  backend INTEGER NOT NULL REFERENCES backends ON DELETE CASCADE,
  address TEXT,
  port    INTEGER,
  blob    BLOB NOT NULL,
  seen_at INTEGER NOT NULL,
  CHECK ((address IS NULL) = (port IS NULL))
) STRICT;

CREATE UNIQUE INDEX refused_host_keys_of_backends ON refused_host_keys (backend) WHERE address IS NULL;
CREATE UNIQUE INDEX refused_host_keys_of_machines ON refused_host_keys (backend, address, port)
  WHERE address IS NOT NULL;

DROP TRIGGER machine_changed;
DROP TRIGGER machine_left;

-- Pinned keys go along with what moves, to where nobody is known yet. What nobody is at any more has no key: the next
-- one there is another machine.
CREATE TRIGGER machine_changed AFTER UPDATE OF backend, address, port ON containers
WHEN (OLD.backend, OLD.address, OLD.port) IS NOT (NEW.backend, NEW.address, NEW.port)
BEGIN
  INSERT INTO host_keys (backend, address, port, blob, origin, first_seen_at)
    SELECT NEW.backend, NEW.address, NEW.port, blob, origin, first_seen_at FROM host_keys
    WHERE backend = OLD.backend AND address = OLD.address AND port = OLD.port AND origin = 'pinned'
    AND NOT EXISTS (SELECT 1 FROM host_keys h WHERE h.backend = NEW.backend AND h.address = NEW.address
      AND h.port = NEW.port);
  DELETE FROM host_keys WHERE backend = OLD.backend AND address = OLD.address AND port = OLD.port
    AND NOT EXISTS (SELECT 1 FROM containers c WHERE c.backend = OLD.backend AND c.address = OLD.address
      AND c.port = OLD.port);
  DELETE FROM refused_host_keys WHERE backend = OLD.backend AND address = OLD.address AND port = OLD.port
    AND NOT EXISTS (SELECT 1 FROM containers c WHERE c.backend = OLD.backend AND c.address = OLD.address
      AND c.port = OLD.port);
END;

CREATE TRIGGER machine_left AFTER DELETE ON containers
BEGIN
  DELETE FROM host_keys WHERE backend = OLD.backend AND address = OLD.address AND port = OLD.port
    AND NOT EXISTS (SELECT 1 FROM containers c WHERE c.backend = OLD.backend AND c.address = OLD.address
      AND c.port = OLD.port);
  DELETE FROM refused_host_keys WHERE backend = OLD.backend AND address = OLD.address AND port = OLD.port
    AND NOT EXISTS (SELECT 1 FROM containers c WHERE c.backend = OLD.backend AND c.address = OLD.address
      AND c.port = OLD.port);
END;
