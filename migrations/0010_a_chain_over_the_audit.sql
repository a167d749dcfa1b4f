-- A hash for each row of the audit, and one that is made of it and of the one before (store/audit_chain.h). Rows that are
-- there already, and those of a program that knows nothing of this, get theirs with what is written next. No reference to
-- the rows: what retention takes away leaves its hashes.
CREATE TABLE audit_chain (
  id     INTEGER PRIMARY KEY,
  digest BLOB NOT NULL CHECK (length(digest) = 32),
  link   BLOB NOT NULL CHECK (length(link) = 32)
) STRICT;
