-- Which way files may go by SFTP, scp and rsync: 'all', 'read' (out of the container), 'write' (into it) or 'none'. What
-- is said of a user, of every group that they are in and of the container counts together.
ALTER TABLE users ADD COLUMN sftp TEXT NOT NULL DEFAULT 'all';
ALTER TABLE user_groups ADD COLUMN sftp TEXT NOT NULL DEFAULT 'all';
ALTER TABLE containers ADD COLUMN sftp TEXT NOT NULL DEFAULT 'all';
