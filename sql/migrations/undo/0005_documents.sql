DROP TABLE document_group_members;
DROP TABLE document_groups;
DROP TABLE extraction_outputs;
DROP TABLE document_pages;
DROP TABLE documents;
