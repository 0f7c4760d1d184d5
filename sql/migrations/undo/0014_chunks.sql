DROP VIEW ocr_results;
DROP TABLE chunk_index;
DROP FUNCTION chunk_search_vector;
DROP TABLE document_texts;
ALTER TABLE extraction_outputs
    DROP COLUMN document_id,
    DROP COLUMN attempt,
    DROP COLUMN superseded_at,
    DROP COLUMN committed_in;
DELETE FROM extraction_jobs WHERE job_type = 'embed';
DELETE FROM job_types WHERE job_type = 'embed';
