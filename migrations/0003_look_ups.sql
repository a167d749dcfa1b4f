-- Each of the questions that every login asks, about a user, her key and her containers, is answered by one descent of one
-- b-tree, not by one of an index and another one of the table: where there are many users, that is what a look-up costs.
CREATE INDEX users_at_login ON users (name, disabled_at, role, options, idle_timeout, max_session);
CREATE INDEX user_keys_at_login ON user_keys (user, blob, fingerprint, expires_at, options);
CREATE INDEX containers_at_login ON containers (owner, name, backend, address, port, login, is_default, created_at);
