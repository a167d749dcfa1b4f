-- While the bastion has two identity keys: which of them it was let in with last, and as whom.
CREATE TABLE accepted_identities (
  backend   INTEGER UNIQUE REFERENCES backends ON DELETE CASCADE,
  container INTEGER UNIQUE REFERENCES containers ON DELETE CASCADE,
  login     TEXT NOT NULL,
  blob      BLOB NOT NULL,
  at        INTEGER NOT NULL,
  CHECK ((backend IS NULL) <> (container IS NULL))
) STRICT;
