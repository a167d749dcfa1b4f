-- The directory may be the same in several databases, so what only one of them knows has tables of its own: when a key was
-- last used here (user_keys.last_used_at is no longer written or read), and how far this copy has come in the fleet's log.
CREATE TABLE key_uses (
  key INTEGER PRIMARY KEY,
  at  INTEGER NOT NULL
) STRICT;

INSERT INTO key_uses (key, at) SELECT id, last_used_at FROM user_keys WHERE last_used_at IS NOT NULL;

CREATE TRIGGER key_use_removed AFTER DELETE ON user_keys
BEGIN
  DELETE FROM key_uses WHERE key = OLD.id;
END;

CREATE TABLE fleet_position (
  id     INTEGER PRIMARY KEY CHECK (id = 1),
  number INTEGER NOT NULL CHECK (number >= 0),
  entry  TEXT NOT NULL
) STRICT;

INSERT INTO fleet_position (id, number, entry) VALUES (1, 0, '');
