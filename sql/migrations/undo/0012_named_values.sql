DROP INDEX extracted_parameters_key_idx;
ALTER TABLE extracted_parameters
    DROP COLUMN name_key,
    DROP COLUMN value_si,
    DROP COLUMN unit_si;
