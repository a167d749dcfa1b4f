-- Who may log in, and where that leads.

CREATE TABLE users (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  name        TEXT NOT NULL UNIQUE,
  role        TEXT NOT NULL CHECK (role IN ('user', 'admin')),
  created_at  INTEGER NOT NULL,
  disabled_at INTEGER
) STRICT;

CREATE TABLE user_keys (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  user         INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
  blob         BLOB NOT NULL,
  fingerprint  TEXT NOT NULL,
  comment      TEXT NOT NULL,
  added_at     INTEGER NOT NULL,
  expires_at   INTEGER,
  last_used_at INTEGER,
  UNIQUE (user, blob),
  UNIQUE (user, fingerprint)
) STRICT;

-- route 'hop': logins pass through its sshd. 'direct': the network of its containers is reached without it.
CREATE TABLE backends (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  name       TEXT NOT NULL UNIQUE,
  host       TEXT NOT NULL,
  port       INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535),
  login      TEXT NOT NULL,
  via        INTEGER REFERENCES backends,
  route      TEXT NOT NULL CHECK (route IN ('hop', 'direct')),
  capacity   INTEGER CHECK (capacity > 0),
  state      TEXT NOT NULL CHECK (state IN ('active', 'draining', 'disabled')),
  created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX backends_by_via ON backends (via);

-- A new row is behind nothing but rows that were there before it, so only itself and later changes can close a circle.
CREATE TRIGGER backends_not_via_itself AFTER INSERT ON backends WHEN NEW.via = NEW.id
BEGIN
  SELECT RAISE(ABORT, 'a backend cannot be reached via itself');
END;

CREATE TRIGGER backends_no_circle BEFORE UPDATE OF via ON backends WHEN NEW.via IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'a backend cannot be reached via itself') WHERE NEW.id IN (
    WITH RECURSIVE chain (id) AS (
      SELECT NEW.via
      UNION
      SELECT backends.via FROM backends JOIN chain ON backends.id = chain.id WHERE backends.via IS NOT NULL)
    SELECT id FROM chain);
END;

-- The same address exists behind every backend: a container is (backend, address, port).
CREATE TABLE containers (
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
  UNIQUE (backend, address, port)
) STRICT;

CREATE UNIQUE INDEX containers_one_default ON containers (owner) WHERE is_default = 1;
CREATE INDEX containers_by_name ON containers (name);

CREATE TABLE shares (
  container  INTEGER NOT NULL REFERENCES containers ON DELETE CASCADE,
  user       INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
  expires_at INTEGER,
  PRIMARY KEY (container, user)
) STRICT, WITHOUT ROWID;

CREATE INDEX shares_by_user ON shares (user);

-- One key for each host that the bastion logs in to: learned on first contact, or pinned by an administrator.
CREATE TABLE host_keys (
  id            INTEGER PRIMARY KEY,
  backend       INTEGER UNIQUE REFERENCES backends ON DELETE CASCADE,
  container     INTEGER UNIQUE REFERENCES containers ON DELETE CASCADE,
  blob          BLOB NOT NULL,
  origin        TEXT NOT NULL CHECK (origin IN ('learned', 'pinned')),
  first_seen_at INTEGER NOT NULL,
  CHECK ((backend IS NULL) <> (container IS NULL))
) STRICT;

-- History. It is kept in names, because it outlives what they name.
CREATE TABLE sessions (
  id                   INTEGER PRIMARY KEY,
  login                TEXT NOT NULL UNIQUE,
  user                 TEXT NOT NULL,
  from_host            TEXT NOT NULL,
  key_fingerprint      TEXT NOT NULL,
  container            TEXT NOT NULL,
  route                TEXT NOT NULL,
  opened_at            INTEGER NOT NULL,
  closed_at            INTEGER,
  bytes_from_user      INTEGER,
  bytes_from_container INTEGER,
  reason               TEXT
) STRICT;

CREATE INDEX sessions_open ON sessions (opened_at) WHERE closed_at IS NULL;
CREATE INDEX sessions_by_user ON sessions (user, opened_at);

CREATE TABLE audit (
  id      INTEGER PRIMARY KEY,
  at      INTEGER NOT NULL,
  actor   TEXT NOT NULL,
  action  TEXT NOT NULL,
  subject TEXT NOT NULL,
  outcome TEXT NOT NULL
) STRICT;

CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_actor ON audit (actor, at);
