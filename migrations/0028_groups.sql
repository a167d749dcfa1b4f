-- Groups of users. What is shared with a group is open to whoever is in it at the time.
CREATE TABLE user_groups (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  name       TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE group_members (
  user_group INTEGER NOT NULL REFERENCES user_groups ON DELETE CASCADE,
  user       INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
  PRIMARY KEY (user_group, user)
) STRICT, WITHOUT ROWID;

CREATE INDEX group_members_by_user ON group_members (user);

CREATE TABLE group_shares (
  container  INTEGER NOT NULL REFERENCES containers ON DELETE CASCADE,
  user_group INTEGER NOT NULL REFERENCES user_groups ON DELETE CASCADE,
  expires_at INTEGER,
  PRIMARY KEY (container, user_group)
) STRICT, WITHOUT ROWID;

CREATE INDEX group_shares_by_group ON group_shares (user_group);

-- A backend that is here serves only containers whose owners are in one of its groups. One that is not serves everybody: so
-- a group that is the last one of a backend cannot go, and takes no row of this table along.
CREATE TABLE backend_groups (
  backend    INTEGER NOT NULL REFERENCES backends ON DELETE CASCADE,
  user_group INTEGER NOT NULL REFERENCES user_groups,
  PRIMARY KEY (backend, user_group)
) STRICT, WITHOUT ROWID;

CREATE INDEX backend_groups_by_group ON backend_groups (user_group);

CREATE TRIGGER member_added AFTER INSERT ON group_members
BEGIN
  UPDATE permissions SET generation = generation + 1;
END;

CREATE TRIGGER member_removed AFTER DELETE ON group_members
BEGIN
  UPDATE permissions SET generation = generation + 1;
END;

CREATE TRIGGER group_share_added AFTER INSERT ON group_shares
BEGIN
  UPDATE permissions SET generation = generation + 1;
END;

CREATE TRIGGER group_share_changed AFTER UPDATE ON group_shares
BEGIN
  UPDATE permissions SET generation = generation + 1;
END;

CREATE TRIGGER group_share_removed AFTER DELETE ON group_shares
BEGIN
  UPDATE permissions SET generation = generation + 1;
END;

CREATE TRIGGER backend_group_added AFTER INSERT ON backend_groups
BEGIN
  UPDATE permissions SET generation = generation + 1;
END;

CREATE TRIGGER backend_group_removed AFTER DELETE ON backend_groups
BEGIN
  UPDATE permissions SET generation = generation + 1;
END;
