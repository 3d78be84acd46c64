-- When the destruction of the app was begun; NULL: it was not. The mark is never taken back: nothing of the app is wanted any
-- more, and whoever finds it finishes what was begun, ending with the row.
ALTER TABLE apps ADD COLUMN destroying timestamptz;
