-- What else is to be said of a row, as `name=value` pairs: as whom a container was entered, how long a session took.
ALTER TABLE audit ADD COLUMN detail TEXT NOT NULL DEFAULT '';
