-- A container is (backend, address, port, login): two accounts in one machine are two of them. A host key belongs to the
-- machine, so that it is learned once and pinned once, whatever the number of accounts.

CREATE TABLE containers_new (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  name       TEXT NOT NULL,
  owner      INTEGER NOT NULL REFERENCES users,
  backend    INTEGER NOT NULL REFERENCES backends,
  address    TEXT NOT NULL,
  port       INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535),
  login      TEXT NOT NULL,
  is_default INTEGER NOT NULL CHECK (is_default IN (0, 1)),
  created_at INTEGER NOT NULL,
  UNIQUE (owner, name),
  UNIQUE (backend, address, port, login)
) STRICT;

INSERT INTO containers_new SELECT id, name, owner, backend, address, port, login, is_default, created_at FROM containers;

-- No id is given a second time, although the row that had it is gone.
DELETE FROM sqlite_sequence WHERE name = 'containers_new';
INSERT INTO sqlite_sequence (name, seq) SELECT 'containers_new', seq FROM sqlite_sequence WHERE name = 'containers';

CREATE TABLE shares_new (
  container  INTEGER NOT NULL REFERENCES containers_new ON DELETE CASCADE,
  user       INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
  expires_at INTEGER,
  PRIMARY KEY (container, user)
) STRICT, WITHOUT ROWID;

INSERT INTO shares_new SELECT container, user, expires_at FROM shares;

-- One key for each host that the bastion logs in to: of a machine in the network of a backend; without an address, of
-- the backend itself.
CREATE TABLE host_keys_new (
  id            INTEGER PRIMARY KEY,
  backend       INTEGER NOT NULL REFERENCES backends ON DELETE CASCADE,
  address       TEXT,
  port          INTEGER,
  blob          BLOB NOT NULL,
  origin        TEXT NOT NULL CHECK (origin IN ('learned', 'pinned')),
  first_seen_at INTEGER NOT NULL,
  CHECK ((address IS NULL) = (port IS NULL))
) STRICT;

INSERT INTO host_keys_new
  SELECT h.id, coalesce(h.backend, c.backend), c.address, c.port, h.blob, h.origin, h.first_seen_at
  FROM host_keys h LEFT JOIN containers c ON c.id = h.container;

-- Children first: what refers to a table that goes would go with it.
DROP TABLE shares;
DROP TABLE host_keys;
DROP TABLE containers;
ALTER TABLE containers_new RENAME TO containers;
ALTER TABLE shares_new RENAME TO shares;
ALTER TABLE host_keys_new RENAME TO host_keys;

CREATE UNIQUE INDEX containers_one_default ON containers (owner) WHERE is_default = 1;
CREATE INDEX containers_by_name ON containers (name);
CREATE INDEX containers_by_address ON containers (address);
CREATE INDEX containers_at_login ON containers (owner, name, backend, address, port, login, is_default, created_at);
CREATE INDEX shares_by_user ON shares (user);
CREATE UNIQUE INDEX host_keys_of_backends ON host_keys (backend) WHERE address IS NULL;
CREATE UNIQUE INDEX host_keys_of_machines ON host_keys (backend, address, port) WHERE address IS NOT NULL;

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

-- A pinned key goes along with what moves. What nobody is at any more has no key: the next one there is another machine.
CREATE TRIGGER machine_changed AFTER UPDATE OF backend, address, port ON containers
WHEN (OLD.backend, OLD.address, OLD.port) IS NOT (NEW.backend, NEW.address, NEW.port)
BEGIN
  INSERT OR IGNORE INTO host_keys (backend, address, port, blob, origin, first_seen_at)
    SELECT NEW.backend, NEW.address, NEW.port, blob, origin, first_seen_at FROM host_keys
    WHERE backend = OLD.backend AND address = OLD.address AND port = OLD.port AND origin = 'pinned';
  DELETE FROM host_keys WHERE backend = OLD.backend AND address = OLD.address AND port = OLD.port
    AND NOT EXISTS (SELECT 1 FROM containers c WHERE c.backend = OLD.backend AND c.address = OLD.address
      AND c.port = OLD.port);
END;

CREATE TRIGGER machine_left AFTER DELETE ON containers
BEGIN
  DELETE FROM host_keys WHERE backend = OLD.backend AND address = OLD.address AND port = OLD.port
    AND NOT EXISTS (SELECT 1 FROM containers c WHERE c.backend = OLD.backend AND c.address = OLD.address
      AND c.port = OLD.port);
END;
