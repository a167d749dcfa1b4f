-- A backend that dials in has no address, but a key that its machine logs in here with (RFC 4253 section 6.6); empty: the
-- bastion connects to it. Its host is empty then.
ALTER TABLE backends ADD COLUMN link_key BLOB NOT NULL DEFAULT x'';

-- The links of such backends to this bastion: those that are there, and of each backend the one that ended last.
CREATE TABLE links (
  id        TEXT PRIMARY KEY,
  backend   INTEGER NOT NULL,
  server    TEXT NOT NULL,
  from_host TEXT NOT NULL,
  began_at  INTEGER NOT NULL,
  ended_at  INTEGER
) STRICT;

CREATE INDEX links_by_backend ON links (backend);
