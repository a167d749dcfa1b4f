-- Wrong passwords that somebody has given who wanted to change theirs (`me password`), since the last one that was right: what
-- this bastion knows by itself. `password` is an id of passwords, which may be gone.
CREATE TABLE password_tries (
  password  INTEGER PRIMARY KEY,
  failures  INTEGER NOT NULL,
  failed_at INTEGER NOT NULL
) STRICT;
