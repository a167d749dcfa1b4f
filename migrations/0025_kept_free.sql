-- Nothing: this number is kept free.
SELECT 1;
