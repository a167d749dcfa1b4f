-- What an account needs to let somebody in, as an expression (bastion/base/requirement.h); empty is what the configuration says.
-- The index has all that a login asks about a user, as before.
ALTER TABLE users ADD COLUMN auth TEXT NOT NULL DEFAULT '';
DROP INDEX users_at_login;
CREATE INDEX users_at_login ON users (
  name, disabled_at, role, options, idle_timeout, max_session, max_sessions, max_logins, max_rekeys, max_bytes, auth);
