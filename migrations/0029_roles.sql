-- What somebody is who is neither a plain user nor an administrator. In a column of its own, because the release before reads
-- `role`: there they are users like any other. The index has all that a login asks about a user, as before.
ALTER TABLE users ADD COLUMN duty TEXT NOT NULL DEFAULT '' CHECK (duty IN ('', 'auditor', 'operator'));
DROP INDEX users_at_login;
CREATE INDEX users_at_login ON users (
  name, disabled_at, role, options, idle_timeout, max_session, max_sessions, max_logins, max_rekeys, max_bytes, auth, duty);

-- A user's name without case (bastion/base/user_name.h), where that is another one: no two have the same.
ALTER TABLE users ADD COLUMN folded TEXT NOT NULL DEFAULT '';
CREATE INDEX users_by_folded ON users (folded) WHERE folded <> '';
