-- A database in the middle of a bad night: jobs, files and workers in every state.

INSERT INTO inventory_runs (source_store, source_url, machine, complete, finished_at) VALUES ('main', '/drawings', 'vm1', true, now());
INSERT INTO checkpoints (name, inventory_run, passed, figures, checked_by) VALUES ('a', 1, true, '{"document_groups": 4}', 'vm1');

INSERT INTO blob_inventory (blob_key, file_name, status, status_reason, size_bytes, byte_hash_sha256, extraction_priority)
SELECT 'dir/' || name, name, status, reason, 10, md5(name) || md5(name), priority
FROM (VALUES ('done.pdf', 'extracted', NULL, 0), ('waiting.pdf', 'processing', NULL, 0), ('backoff.pdf', 'processing', NULL, 0),
             ('running.pdf', 'processing', NULL, 0), ('stuck.pdf', 'processing', NULL, 0), ('locked.pdf', 'failed', 'encrypted', 0),
             ('killer.pdf', 'failed', 'poison', 0), ('adrift.pdf', 'processing', NULL, 0), ('gone.pdf', 'deleted', NULL, 0),
             ('odd.xyz', 'unsupported', 'no step reads this format', 0), ('new_100%.pdf', 'pending', NULL, 0),
             ('urgent.pdf', 'pending', NULL, 9), ('part.step', 'extracted', NULL, 0)) AS file (name, status, reason, priority);
INSERT INTO blob_inventory (blob_key, file_name, status, size_bytes, byte_hash_sha256, duplicate_of)
SELECT 'copy/done.pdf', 'done.pdf', 'duplicate', size_bytes, byte_hash_sha256, blob_id FROM blob_inventory WHERE file_name = 'done.pdf';

INSERT INTO workers (worker_id, machine, pid, job_types, children, release, state, drain, note, last_seen) VALUES
    ('vm1/a', 'vm1', 1, '{pdf}', 2, '1', 'running', false, NULL, now()),
    ('vm2/b', 'vm2', 2, '{pdf}', 2, '1', 'running', true, NULL, now()),
    ('vm3/c', 'vm3', 3, '{pdf}', 2, '1', 'running', false, 'disk nearly full', now()),
    ('vm4/d', 'vm4', 4, '{pdf}', 2, '1', 'running', false, NULL, now() - interval '10 minutes'),
    ('vm5/e', 'vm5', 5, '{pdf}', 2, '1', 'lost', false, NULL, now() - interval '20 minutes');
UPDATE job_types SET paused = true WHERE job_type = 'dxf';

INSERT INTO extraction_jobs (blob_id, job_type, status, ready, available_at, attempt, retry_count, claimed_by, claimed_at, heartbeat,
                             error_kind, error_reason, last_error, completed_at, processing_time_ms, parameters, bom, input_tokens)
SELECT blob.blob_id, job.job_type, job.status, job.ready, now() - interval '1 minute', job.attempt, job.retries, job.worker,
       now() - job.silent, CASE WHEN job.worker IS NOT NULL THEN now() - job.silent END,
       job.kind, job.reason, CASE WHEN job.kind IS NOT NULL THEN 'made by a test' END,
       CASE WHEN job.status IN ('completed', 'failed') THEN now() - interval '5 seconds' END,
       CASE WHEN job.status = 'completed' THEN 1500 END,
       CASE WHEN job.status = 'completed' THEN '[{"name": "length"}]'::jsonb ELSE '[]' END,
       CASE WHEN job.status = 'completed' THEN '[]'::jsonb END,
       CASE WHEN job.status = 'completed' THEN 7 END
FROM (VALUES
    ('done.pdf', 'pdf', 'completed', true, 1, 0, NULL, interval '0', NULL, NULL),
    ('part.step', 'cad', 'completed', true, 1, 0, NULL, interval '0', NULL, NULL),
    ('waiting.pdf', 'pdf', 'pending', true, 0, 0, NULL, interval '0', NULL, NULL),
    ('waiting.pdf', 'dxf', 'pending', true, 0, 0, NULL, interval '0', NULL, NULL),
    ('waiting.pdf', 'text', 'pending', true, 0, 0, NULL, interval '0', NULL, NULL),
    ('backoff.pdf', 'pdf', 'pending', false, 2, 2, NULL, interval '0', 'transient', 'timeout'),
    ('running.pdf', 'pdf', 'processing', true, 1, 0, 'vm1/a', interval '1 second', NULL, NULL),
    ('stuck.pdf', 'pdf', 'processing', true, 1, 0, 'vm5/e', interval '20 minutes', NULL, NULL),
    ('locked.pdf', 'pdf', 'failed', true, 1, 1, NULL, interval '0', 'permanent', 'encrypted'),
    ('killer.pdf', 'pdf', 'failed', true, 3, 3, NULL, interval '0', 'poison', 'killed'),
    ('gone.pdf', 'pdf', 'cancelled', true, 0, 0, NULL, interval '0', NULL, NULL)
) AS job (file, job_type, status, ready, attempt, retries, worker, silent, kind, reason)
JOIN blob_inventory AS blob ON blob.file_name = job.file AND blob.status <> 'duplicate';

INSERT INTO job_claims (job_type, claimed_by, job_ids)
SELECT job_type, claimed_by, array_agg(id) FROM extraction_jobs WHERE status = 'processing' GROUP BY 1, 2;
INSERT INTO extraction_attempts (tenant_id, id, attempt, outcome, error_reason, claimed_by)
SELECT tenant_id, id, 1, 'transient', 'timeout', 'vm1/a' FROM extraction_jobs WHERE error_reason = 'timeout';
INSERT INTO documents (document_id, blob_id, kind) SELECT gen_random_uuid(), blob_id, 'pdf' FROM blob_inventory WHERE blob_key = 'dir/done.pdf';
INSERT INTO document_pages (blob_id, page_number, job_id, text, text_sha256, char_count, method)
SELECT blob_id, 1, job_id, 'A', 'x', 1, 'text' FROM extraction_jobs WHERE job_type = 'pdf' AND status = 'completed';
INSERT INTO extraction_outputs (job_id, blob_id, output_store, output_blob_key, output_type, schema_version)
SELECT job_id, blob_id, 'outputs', 'done.1.jsonl', 'chunk_jsonl', '1' FROM extraction_jobs WHERE job_type = 'pdf' AND status = 'completed';
INSERT INTO cad_models (blob_id, job_id, extraction_mode, brep_genome, face_count)
SELECT blob_id, job_id, 'local', '{}', 6 FROM extraction_jobs WHERE job_type = 'cad';
INSERT INTO cad_model_embeddings (cad_model_id, embedding_type, model_name, model_version, embedding)
SELECT cad_model_id, 'geometry', 'builtin-geometry', '1', array_fill(0.1, ARRAY[128])::vector FROM cad_models;
INSERT INTO document_groups (group_key, method, confidence, member_count) VALUES ('main: done', 'single', 1, 1);
INSERT INTO document_group_members (blob_id, group_id, method, confidence, drawing_key)
SELECT blob_id, group_id, 'base_name', 1, 'done' FROM blob_inventory, document_groups WHERE blob_key = 'dir/done.pdf';
INSERT INTO document_records (group_id, title, conflicts, input_hash)
SELECT group_id, 'Plate', '[{"field": "material"}, {"field": "title"}]', 'x' FROM document_groups;
INSERT INTO document_conflicts (group_id, field, severity, reason, values)
SELECT group_id, field, severity, field || ': PDF says this, DXF says that', '[]'
FROM document_records, (VALUES ('material', 'high'), ('title', 'low')) AS found (field, severity);
