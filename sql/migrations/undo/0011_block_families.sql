DROP VIEW block_synonyms;
DROP TABLE block_families;
