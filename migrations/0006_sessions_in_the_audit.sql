-- Of which session a row tells: who comes in, is led on and leaves is a row each. Empty where there is none.
ALTER TABLE audit ADD COLUMN session TEXT NOT NULL DEFAULT '';
