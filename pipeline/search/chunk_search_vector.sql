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
