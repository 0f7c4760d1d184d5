DROP TABLE extracted_outlines;
DROP TABLE extracted_annotations;
DROP INDEX extracted_blocks_content_idx;
ALTER TABLE extracted_blocks DROP COLUMN details;
ALTER TABLE extracted_bom_items DROP COLUMN balloons;
ALTER TABLE extracted_dimensions DROP COLUMN details;
ALTER TABLE extracted_metadata DROP COLUMN normalised;
