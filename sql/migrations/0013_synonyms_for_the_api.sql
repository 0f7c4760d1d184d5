-- 0013  The API's role may read block_synonyms, as it may the other views.
-- Why     A view of its caller's rights is closed to whoever is not told otherwise.
-- Blocks  Nothing.
-- Undo    Takes the right back.

SET LOCAL lock_timeout = '5s';

GRANT SELECT ON block_synonyms TO draftmill_app;
