-- Does extraction find what it should, by job type?
-- Healthy: has_params and has_bom near the share of drawings that carry such tables; failed small beside total.
-- Cost: reads extraction_jobs once.

SELECT
    job_type,
    count(*) AS total,
    count(*) FILTER (WHERE parameters NOT IN ('[]', '{}', 'null', '0')) AS has_params,
    count(*) FILTER (WHERE bom NOT IN ('[]', '{}', 'null', '0')) AS has_bom,
    count(*) FILTER (WHERE last_error IS NOT NULL AND status = 'failed') AS failed,
    count(*) FILTER (WHERE last_error IS NOT NULL AND status = 'completed') AS completed_after_an_error
FROM extraction_jobs
GROUP BY job_type
ORDER BY job_type;

-- The requirements' marks for documents: 90 % of PDFs with text, 85 % of the DXFs that hold dimension entities with dimensions.
SELECT document.kind,
       count(*) AS documents,
       round(100.0 * count(*) FILTER (WHERE has_text.found) / count(*), 1) AS with_text_pct,
       count(*) FILTER (WHERE document.properties -> 'entity_counts' ? 'DIMENSION') AS with_dimension_entities,
       round(100.0 * count(*) FILTER (WHERE has_dimensions.found AND document.properties -> 'entity_counts' ? 'DIMENSION')
             / nullif(count(*) FILTER (WHERE document.properties -> 'entity_counts' ? 'DIMENSION'), 0), 1) AS of_these_with_dimensions_pct,
       round(100.0 * count(*) FILTER (WHERE has_dimensions.found) / count(*), 1) AS with_dimensions_pct
FROM documents AS document
CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM document_pages AS page
    WHERE page.tenant_id = document.tenant_id AND page.blob_id = document.blob_id AND page.char_count > 0) AS found) AS has_text
CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM extracted_dimensions AS dimension
    WHERE dimension.tenant_id = document.tenant_id AND dimension.blob_id = document.blob_id) AS found) AS has_dimensions
GROUP BY document.kind
ORDER BY documents DESC;
