-- 0014  Chunks: the normalised text of each document, its outputs, and one row a chunk to search in.
-- Why     Retrieval ranks chunks, not files; each leads back to its output, job, page and source bytes.
-- Blocks  All use of extraction_outputs for a moment (new columns without a rewrite); the rest is new.
-- Undo    Drops chunks, texts and the view; outputs already written stay where they are, until they are swept.

SET LOCAL lock_timeout = '5s';

INSERT INTO job_types (job_type, phase, description, required) VALUES
    ('embed', 'B', 'Chunks into vectors', false);

ALTER TABLE extraction_outputs
    ADD COLUMN document_id uuid,
    ADD COLUMN attempt integer,
    ADD COLUMN superseded_at timestamptz,
    ADD COLUMN committed_in xid8 NOT NULL DEFAULT pg_current_xact_id();
COMMENT ON COLUMN extraction_outputs.attempt IS 'Of the job that wrote it; part of its name.';
COMMENT ON COLUMN extraction_outputs.superseded_at IS 'When a newer output took its place, or its file went; NULL while it is the current one.';
COMMENT ON COLUMN extraction_outputs.committed_in IS
    'Readers that poll take what is below pg_snapshot_xmin(): created_at is the start of a transaction that may commit late.';
CREATE INDEX extraction_outputs_current_idx ON extraction_outputs (tenant_id, blob_id, output_type) WHERE superseded_at IS NULL;
CREATE INDEX extraction_outputs_superseded_idx ON extraction_outputs (superseded_at) WHERE superseded_at IS NOT NULL;
CREATE INDEX extraction_outputs_polled_idx ON extraction_outputs (tenant_id, committed_in, output_id);

CREATE TABLE document_texts (
    tenant_id    uuid     NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001',
    blob_id      uuid     NOT NULL,
    job_id       uuid     NOT NULL,
    text         text     NOT NULL,
    text_sha256  text     NOT NULL,
    char_count   integer  NOT NULL,
    language     text     NOT NULL DEFAULT 'und',
    page_starts  jsonb    NOT NULL DEFAULT '[]',
    warnings     text[]   NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant_id, blob_id),
    CONSTRAINT document_texts_blob_fk FOREIGN KEY (tenant_id, blob_id) REFERENCES blob_inventory (tenant_id, blob_id) ON DELETE CASCADE
);
COMMENT ON TABLE document_texts IS 'The normalised text that chunk offsets point into: code points, from 0.';
COMMENT ON COLUMN document_texts.page_starts IS '[[page number, offset], …] of the pages that gave any text.';

-- The words of a chunk by which full-text search finds it: one text search vector in which
--
--   title is A, section path B, file name C, text D; each in two readings:
--   words   lower case, without accents, split at every punctuation mark ('DM-1001-B' is dm 1001 b, in a row, so that a quoted
--           phrase finds it); words that the language's stemmer changes stand there stemmed as well
--   codes   a run that holds a digit and a separator, or letters and digits, stands there whole, without separators ('dm1001b',
--           'm6x12', 'o12h7'), and in parts: letters with the number after them ('m6', 'x12', 'h7'), numbers and letters alone.
--           Between two digits a separator is 'p', as file names write it: 1.4301 and 1,4301 are '1p4301', 0,05 is '0p05',
--           so that M6x1.0 is not M6x10.
--
-- A query goes through the same function, as text, so both are always read alike. It uses nothing but pg_catalog.
CREATE FUNCTION chunk_search_vector(title text, section_path text[], search_text text, file_name text, language text) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 500
AS $$
DECLARE
    stemmer constant regconfig := CASE language
        WHEN 'en' THEN 'pg_catalog.english' WHEN 'de' THEN 'pg_catalog.german' WHEN 'fr' THEN 'pg_catalog.french'
        WHEN 'nl' THEN 'pg_catalog.dutch' WHEN 'it' THEN 'pg_catalog.italian' WHEN 'es' THEN 'pg_catalog.spanish'
        WHEN 'pt' THEN 'pg_catalog.portuguese' WHEN 'da' THEN 'pg_catalog.danish' WHEN 'sv' THEN 'pg_catalog.swedish'
        WHEN 'no' THEN 'pg_catalog.norwegian' WHEN 'nb' THEN 'pg_catalog.norwegian' WHEN 'nn' THEN 'pg_catalog.norwegian'
        WHEN 'fi' THEN 'pg_catalog.finnish' WHEN 'hu' THEN 'pg_catalog.hungarian' WHEN 'ro' THEN 'pg_catalog.romanian'
        WHEN 'ru' THEN 'pg_catalog.russian' WHEN 'tr' THEN 'pg_catalog.turkish' WHEN 'el' THEN 'pg_catalog.greek'
        WHEN 'ca' THEN 'pg_catalog.catalan' WHEN 'lt' THEN 'pg_catalog.lithuanian' WHEN 'id' THEN 'pg_catalog.indonesian'
    END;
    -- translate() looks through its whole list for every letter, so lists are short and used where they are needed. Those marks
    -- that PostgreSQL's parser does not take for the end of a word (it knows hosts, paths, signed numbers, tags, entities):
    accented constant text := 'äöüéèêëàâáåãçñïîíìôóòõøûúùýÿ⌀∅φ×';
    unaccented constant text := 'aoueeeeaaaaacniiiiooooouuuyyooox';
    marks constant text := '-_./:+<&';
    joints constant text := '-_./,:+#';  -- stand between two words, but inside a code
    breaks constant text := E' ;*''"()[]{}<>=&|\\@!?°±\t\r\n';  -- end a code as well
    fields constant text[] := ARRAY[title, array_to_string(section_path, ' '), file_name, search_text];
    weights constant "char"[] := ARRAY['A', 'B', 'C', 'D'];
    found tsvector := '';
    part tsvector;
    original text;
    plain text;
    codes text;
    units text;
BEGIN
    FOR i IN 1..4 LOOP
        original := lower(fields[i]);
        CONTINUE WHEN original IS NULL OR original = '';
        plain := original;
        IF octet_length(plain) <> length(plain) THEN
            plain := replace(translate(plain, accented, unaccented), 'ß', 'ss');
        END IF;
        part := to_tsvector('pg_catalog.simple', translate(plain, marks, '        '));
        IF stemmer IS NOT NULL THEN
            part := part || ts_delete(to_tsvector(stemmer, translate(original, marks, '        ')), tsvector_to_array(part));
        END IF;
        IF plain ~ '[0-9]' THEN
            IF plain LIKE '% x %' THEN
                plain := regexp_replace(plain, '(?<=[0-9]) x (?=[0-9])', 'x', 'g');  -- M6 x 12
            END IF;
            SELECT string_agg(btrim(word, joints), ' ') INTO codes
            FROM string_to_table(translate(plain, breaks, repeat(' ', length(breaks))), ' ') AS word
            WHERE length(word) BETWEEN 2 AND 60 AND word ~ '[0-9]' AND word ~ '[^0-9]';
        ELSE
            codes := NULL;
        END IF;
        IF codes IS NOT NULL THEN
            units := regexp_replace(translate(codes, joints, repeat(' ', length(joints))), '([0-9])(?=[^0-9 ])', '\1 ', 'g');
            codes := translate(regexp_replace(codes, '(?<=[0-9])[-_./,:+#](?=[0-9])', 'p', 'g'), joints, '');
            codes := codes || ' ' || units || ' ' || regexp_replace(units, '([^0-9 ])(?=[0-9])', '\1 ', 'g');
            part := part || ts_delete(to_tsvector('pg_catalog.simple', codes), tsvector_to_array(part));
        END IF;
        found := found || setweight(part, weights[i]);
    END LOOP;
    RETURN found;
END
$$;

CREATE TABLE chunk_index (
    output_id             uuid         NOT NULL,
    chunk_sequence        integer      NOT NULL CONSTRAINT chunk_index_sequence_from_one CHECK (chunk_sequence > 0),
    chunk_id              text         NOT NULL,
    tenant_id             uuid         NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001',
    blob_id               uuid         NOT NULL,
    document_id           uuid         NOT NULL,
    file_name             text         NOT NULL,
    title                 text,
    page_start            integer,
    page_end              integer,
    section_path          text[]       NOT NULL DEFAULT '{}',
    content_offset_start  integer      NOT NULL,
    content_offset_end    integer      NOT NULL,
    char_count            integer      NOT NULL,
    language              text         NOT NULL DEFAULT 'und',
    confidence            numeric(3,2) CONSTRAINT chunk_index_confidence_range CHECK (confidence BETWEEN 0 AND 1),
    warnings              text[]       NOT NULL DEFAULT '{}',
    search_text           text         NOT NULL,
    search_vector         tsvector     NOT NULL
        GENERATED ALWAYS AS (chunk_search_vector(title, section_path, search_text, file_name, language)) STORED,
    embedding             halfvec,
    embedding_model       text,
    created_at            timestamptz  NOT NULL DEFAULT now(),
    PRIMARY KEY (output_id, chunk_sequence),
    CONSTRAINT chunk_index_output_fk FOREIGN KEY (tenant_id, output_id) REFERENCES extraction_outputs (tenant_id, output_id)
        ON DELETE CASCADE,
    CONSTRAINT chunk_index_blob_fk FOREIGN KEY (tenant_id, blob_id) REFERENCES blob_inventory (tenant_id, blob_id) ON DELETE CASCADE,
    CONSTRAINT chunk_index_offsets_in_order CHECK (content_offset_end - content_offset_start = char_count AND char_count > 0),
    CONSTRAINT chunk_index_embedding_names_its_model CHECK ((embedding IS NULL) = (embedding_model IS NULL))
);
COMMENT ON TABLE chunk_index IS 'The chunks of current outputs, and of no others.';
COMMENT ON COLUMN chunk_index.search_text IS 'Title, section path and text, a line each; the chunk''s own text is right(search_text, char_count).';
COMMENT ON COLUMN chunk_index.content_offset_start IS 'Code points into document_texts.text, from 0; content_offset_end is the first after the chunk.';
COMMENT ON COLUMN chunk_index.embedding IS 'L2-normalised, compared by cosine among those of the same embedding_model.';
CREATE INDEX chunk_index_blob_idx ON chunk_index (tenant_id, blob_id, chunk_sequence);
CREATE INDEX chunk_index_document_idx ON chunk_index (document_id);
CREATE INDEX chunk_index_search_idx ON chunk_index USING gin (search_vector);

CREATE VIEW ocr_results WITH (security_invoker = true) AS
    SELECT tenant_id, blob_id, job_id, page_number, text, confidence, char_count, width, height, rotation, blocks
    FROM document_pages
    WHERE method = 'ocr';
COMMENT ON VIEW ocr_results IS 'The pages that were read by OCR.';

SELECT protect_tenant_table('document_texts', 'SELECT');
SELECT protect_tenant_table('chunk_index', 'SELECT');
GRANT SELECT ON ocr_results TO draftmill_app;
