-- Invitations: whoever has the word logs in with it once, and the key they come with is their user's from then on. `hash` is
-- SHA-256 of the word. One for each user: a new one takes the place of the one before.
CREATE TABLE invitations (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  user       INTEGER NOT NULL UNIQUE REFERENCES users (id) ON DELETE CASCADE,
  hash       BLOB NOT NULL UNIQUE,
  made_by    TEXT NOT NULL,
  made_at    INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;

-- Who has invited them might not have invited somebody who may do this.
CREATE TRIGGER invitations_end_with_the_role AFTER UPDATE OF role, duty ON users
WHEN NEW.role <> OLD.role OR NEW.duty <> OLD.duty
BEGIN
  DELETE FROM invitations WHERE user = NEW.id;
END;
