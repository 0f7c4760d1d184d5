DROP TABLE document_conflicts;
DROP TABLE document_records;
DROP FUNCTION dimensions_allowing;
DROP INDEX extracted_dimensions_span_idx;
DROP FUNCTION dimension_span;
ALTER TABLE extracted_dimensions
    DROP COLUMN value_min_mm,
    DROP COLUMN value_max_mm;
