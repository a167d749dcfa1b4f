-- History goes by its age, whatever order it came in (a backup brings old sessions back behind young ones).
CREATE INDEX sessions_by_end ON sessions (closed_at) WHERE closed_at IS NOT NULL;

-- Which other machines have shown the same key.
CREATE INDEX host_keys_by_blob ON host_keys (blob);

-- Hosts are looked for as forwards name them: without regard to case and a dot at the end.
DROP INDEX backends_by_host;
CREATE INDEX backends_by_host ON backends (rtrim(host, '.') COLLATE NOCASE);
