-- Does every CAD model have its embeddings, of each type and model?
-- Healthy: coverage_pct is 100 for the types in use; one model_version a type, or a re-embedding is under way.
-- Cost: reads the keys of cad_model_embeddings once.

SELECT
    embedding_type,
    model_name,
    model_version,
    count(*) AS models_with_embedding,
    count(DISTINCT (tenant_id, cad_model_id)) AS unique_models,
    round(100.0 * count(DISTINCT (tenant_id, cad_model_id)) / nullif((SELECT count(*) FROM cad_models), 0), 1) AS coverage_pct
FROM cad_model_embeddings
GROUP BY embedding_type, model_name, model_version
ORDER BY embedding_type, model_name, model_version;
