-- Networks whose connections are closed before anything is said there. An administrator has banned them, or (origin
-- 'penalty') the bastion refuses them for a while for what came from there; what for is the cause.
CREATE TABLE bans (
  network    TEXT NOT NULL,
  origin     TEXT NOT NULL CHECK (origin IN ('admin', 'penalty')),
  cause      TEXT NOT NULL,
  actor      TEXT NOT NULL,
  since      INTEGER NOT NULL,
  expires_at INTEGER,
  PRIMARY KEY (network, origin)
) STRICT, WITHOUT ROWID;
