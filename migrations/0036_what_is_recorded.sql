-- What of sessions is recorded (bastion/base/record_policy.h); empty: nothing is said here. Read when a session begins, by the
-- rows' ids.
ALTER TABLE users ADD COLUMN record TEXT NOT NULL DEFAULT '' CHECK (record IN ('', 'none', 'terminals', 'all'));
ALTER TABLE user_groups ADD COLUMN record TEXT NOT NULL DEFAULT '' CHECK (record IN ('', 'none', 'terminals', 'all'));
ALTER TABLE containers ADD COLUMN record TEXT NOT NULL DEFAULT '' CHECK (record IN ('', 'none', 'terminals', 'all'));
