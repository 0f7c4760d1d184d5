DROP TABLE extracted_blocks;
DROP TABLE extracted_bom_items;
DROP TABLE extracted_materials;
DROP TABLE extracted_parameters;
DROP TABLE extracted_dimensions;
DROP TABLE extracted_metadata;
