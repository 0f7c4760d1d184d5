-- Do CAD models carry both representations, the B-Rep genome and the learnt shape?
-- Healthy: has_brep above 80 % of the models; one mode of extraction, or json where the CAD service was away.
-- Cost: reads cad_models once, without its large values.

SELECT
    coalesce(extraction_mode, 'all') AS extraction_mode,
    count(*) AS total_cad_models,
    count(*) FILTER (WHERE brep_genome IS NOT NULL) AS has_brep,
    count(*) FILTER (WHERE deepsdf_latent IS NOT NULL) AS has_deepsdf,
    count(*) FILTER (WHERE point_cloud IS NOT NULL) AS has_pointcloud,
    round(100.0 * count(*) FILTER (WHERE brep_genome IS NOT NULL) / nullif(count(*), 0), 1) AS has_brep_pct,
    round(avg(face_count) FILTER (WHERE face_count > 0), 1) AS avg_faces,
    count(*) FILTER (WHERE status = 'failed') AS failed
FROM cad_models
GROUP BY ROLLUP (extraction_mode)
ORDER BY extraction_mode NULLS LAST;
