-- What one user may have, where it is not what the configuration says for everybody (max_sessions_per_user and the like): 0 is
-- as much as they like, NULL what it says. The index has all that a login asks about a user, as before.
ALTER TABLE users ADD COLUMN max_sessions INTEGER CHECK (max_sessions >= 0);
ALTER TABLE users ADD COLUMN max_logins INTEGER CHECK (max_logins >= 0);
ALTER TABLE users ADD COLUMN max_rekeys INTEGER CHECK (max_rekeys >= 0);
ALTER TABLE users ADD COLUMN max_bytes INTEGER CHECK (max_bytes >= 0);
DROP INDEX users_at_login;
CREATE INDEX users_at_login ON users (
  name, disabled_at, role, options, idle_timeout, max_session, max_sessions, max_logins, max_rekeys, max_bytes);
