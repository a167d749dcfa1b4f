-- Nothing: this number is kept for another change.
SELECT 1;
