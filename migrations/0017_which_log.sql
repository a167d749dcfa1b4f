-- Of which fleet's log fleet_position.number is a number: after the log was cut, no entry of it tells.
ALTER TABLE fleet_position ADD COLUMN log TEXT NOT NULL DEFAULT '';
