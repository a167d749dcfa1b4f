-- What became of sessions, in the order in which it did, for whoever carries it elsewhere: of each the number of the last change.
-- `origin` is this database's name among those of a fleet, of which each may have had several.
CREATE TABLE record_origin (
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  origin  TEXT NOT NULL,
  changes INTEGER NOT NULL CHECK (changes >= 0)
) STRICT;

ALTER TABLE sessions ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
UPDATE sessions SET changed = id;
CREATE INDEX sessions_by_change ON sessions (changed);

INSERT INTO record_origin (id, origin, changes)
  SELECT 1, lower(hex(randomblob(8))), coalesce(max(id), 0) FROM sessions;

CREATE TRIGGER session_begun AFTER INSERT ON sessions
BEGIN
  UPDATE record_origin SET changes = changes + 1;
  UPDATE sessions SET changed = (SELECT changes FROM record_origin) WHERE id = NEW.id;
END;

CREATE TRIGGER session_changed AFTER UPDATE OF container, route, closed_at ON sessions
BEGIN
  UPDATE record_origin SET changes = changes + 1;
  UPDATE sessions SET changed = (SELECT changes FROM record_origin) WHERE id = NEW.id;
END;
