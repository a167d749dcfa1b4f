-- CAs whose certificates let users in. `principals` says whom, as bastion/access/principals.h reads it.
CREATE TABLE cas (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  name       TEXT NOT NULL UNIQUE,
  blob       BLOB NOT NULL UNIQUE,
  principals TEXT NOT NULL,
  comment    TEXT NOT NULL,
  added_at   INTEGER NOT NULL
) STRICT;

CREATE TRIGGER ca_changed AFTER UPDATE ON cas
BEGIN
  UPDATE permissions SET generation = generation + 1;
END;

CREATE TRIGGER ca_removed AFTER DELETE ON cas
BEGIN
  UPDATE permissions SET generation = generation + 1;
END;

-- What lets nobody in any more. A key, by its fingerprint, alone and in any certificate (`ca` is empty); or certificates of one
-- CA, which need not be trusted any more or again, by serial or key id.
CREATE TABLE revocations (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  kind     TEXT NOT NULL CHECK (kind IN ('key', 'serial', 'key_id')),
  ca       BLOB NOT NULL,
  value    TEXT NOT NULL,
  added_at INTEGER NOT NULL,
  UNIQUE (kind, ca, value)
) STRICT;

CREATE TRIGGER revoked AFTER INSERT ON revocations
BEGIN
  UPDATE permissions SET generation = generation + 1;
END;
