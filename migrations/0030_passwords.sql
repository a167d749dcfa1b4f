-- Passwords of users, one each: an Argon2id hash as a PHC string. One that is changed is another row, so that whoever came in
-- with the one before is not taken for somebody who came in with this one.
CREATE TABLE passwords (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  user        INTEGER NOT NULL UNIQUE REFERENCES users (id) ON DELETE CASCADE,
  hash        TEXT NOT NULL,
  set_at      INTEGER NOT NULL,
  must_change INTEGER NOT NULL CHECK (must_change IN (0, 1))
) STRICT;

CREATE TRIGGER password_removed AFTER DELETE ON passwords
BEGIN
  UPDATE permissions SET generation = generation + 1;
END;
