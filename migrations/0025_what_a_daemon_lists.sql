-- What says where the containers of a backend are: text as bastion/follow/source.h has it; empty: nothing does. No login reads
-- it that gets there.
ALTER TABLE backends ADD COLUMN source TEXT NOT NULL DEFAULT '';

-- What this bastion was told, by each source that it asks: when it has last listed something, and why not since (empty: it has).
CREATE TABLE listings (
  backend   INTEGER PRIMARY KEY REFERENCES backends ON DELETE CASCADE,
  listed_at INTEGER,
  failure   TEXT NOT NULL
) STRICT;

-- And of each container that it has listed: the state, or that it is gone, since when; and why the directory cannot follow.
CREATE TABLE sightings (
  container INTEGER PRIMARY KEY REFERENCES containers ON DELETE CASCADE,
  source    INTEGER NOT NULL REFERENCES backends ON DELETE CASCADE,
  state     TEXT NOT NULL,
  seen_at   INTEGER NOT NULL,
  drift     TEXT NOT NULL
) STRICT;
