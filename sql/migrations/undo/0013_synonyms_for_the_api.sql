REVOKE SELECT ON block_synonyms FROM draftmill_app;
