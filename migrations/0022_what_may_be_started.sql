-- What the bastion may start when a login cannot get there: a container, by the command of the daemon on its backend; a
-- backend, by a program of this name in the folder of hooks (empty: it may not). No login reads them that gets there.
ALTER TABLE containers ADD COLUMN wake INTEGER NOT NULL DEFAULT 0 CHECK (wake IN (0, 1));
ALTER TABLE backends ADD COLUMN wake TEXT NOT NULL DEFAULT '';
