-- What administrators have banned is the same in every copy of the directory; a penalty is of the bastion that gave it, and
-- has a table of its own. Rows with the origin 'penalty' in bans are no longer written or read.
CREATE TABLE penalties (
  network    TEXT PRIMARY KEY,
  cause      TEXT NOT NULL,
  since      INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO penalties (network, cause, since, expires_at)
  SELECT network, cause, since, expires_at FROM bans WHERE origin = 'penalty' AND expires_at IS NOT NULL;
DELETE FROM bans WHERE origin = 'penalty';
