-- The roles of the accounts that a CA lets in, with commas between them; '' stands for every one.
ALTER TABLE cas ADD COLUMN roles TEXT NOT NULL DEFAULT '';
