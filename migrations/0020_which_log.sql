-- Of which fleet's log fleet_position.number is a number: after the log was cut, no entry of it tells. And of which version of the
-- database the rows of what is common are: a column that was added is not in the rows that were there, as long as nobody writes them.
ALTER TABLE fleet_position ADD COLUMN log TEXT NOT NULL DEFAULT '';
ALTER TABLE fleet_position ADD COLUMN rows_of INTEGER NOT NULL DEFAULT 0;
