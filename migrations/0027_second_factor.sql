-- One-time codes of users (RFC 6238): one secret each, sealed (bastion/base/sealing_key.h). `last_step` is the last code that
-- was used, as a number of the step of time that it was of; none before it is good any more.
CREATE TABLE totp (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  user        INTEGER NOT NULL UNIQUE REFERENCES users (id) ON DELETE CASCADE,
  secret      BLOB NOT NULL,
  enrolled_at INTEGER NOT NULL,
  last_step   INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TRIGGER totp_reset AFTER DELETE ON totp
BEGIN
  UPDATE permissions SET generation = generation + 1;
END;

-- What is typed in the place of a code, once each; SHA-256 of it.
CREATE TABLE recovery_codes (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  user    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  hash    BLOB NOT NULL,
  used_at INTEGER,
  UNIQUE (user, hash)
) STRICT;

-- What this bastion knows by itself, and at once: the last code that was used here, and how many were wrong since the last
-- one that was right. `enrolment` is an id of totp, which may be gone.
CREATE TABLE totp_uses (
  enrolment INTEGER PRIMARY KEY,
  last_step INTEGER NOT NULL DEFAULT 0,
  failures  INTEGER NOT NULL DEFAULT 0,
  failed_at INTEGER NOT NULL DEFAULT 0
) STRICT;
