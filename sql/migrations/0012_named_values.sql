-- 0012  Named values are compared whatever a sheet calls them and whatever unit it writes.
-- Why     "Härte 60 HRC" and "HARDNESS: 60 HRC" are one question, and 12 Nm is more than 1 kgf·cm.
-- Blocks  All use of extracted_parameters until the end: nothing is rewritten, but building the index reads the table.
-- Undo    Drops them; B6 fills them again.

SET LOCAL lock_timeout = '5s';

ALTER TABLE extracted_parameters
    ADD COLUMN name_key text,
    ADD COLUMN value_si double precision,
    ADD COLUMN unit_si text;
CREATE INDEX extracted_parameters_key_idx ON extracted_parameters (tenant_id, left(name_key, 200), value_si);
COMMENT ON COLUMN extracted_parameters.name_key IS 'One name for what languages call differently (hardness), else the name in small letters.';
COMMENT ON COLUMN extracted_parameters.value_si IS 'value_number in unit_si, in which values of its kind are compared; NULL for ranges and unknown units.';
COMMENT ON COLUMN extracted_parameters.unit_si IS 'mm, kg, N, Nm, MPa, °C, HRC, V, …';
