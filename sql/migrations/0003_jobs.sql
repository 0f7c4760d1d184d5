-- 0003  The queue: job types, jobs, their failed attempts, workers, checkpoints.
-- Why     Postgres is the only coordinator: any machine may run any step.
-- Blocks  Nothing: new tables only.
-- Undo    Drops the tables: pending work and its history are gone, results stay.

SET LOCAL lock_timeout = '5s';

CREATE TABLE job_types (
    job_type         text        PRIMARY KEY,
    phase            text        NOT NULL,
    description      text        NOT NULL,
    max_concurrent   integer     CONSTRAINT job_types_cap_positive CHECK (max_concurrent > 0),
    paused           boolean     NOT NULL DEFAULT false,
    required         boolean     NOT NULL DEFAULT true,
    timeout_seconds  integer     CONSTRAINT job_types_timeout_positive CHECK (timeout_seconds > 0),
    memory_mb        integer     CONSTRAINT job_types_memory_positive CHECK (memory_mb > 0),
    updated_at       timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN job_types.max_concurrent IS 'How many may run over all machines at once, as with licences; NULL: no cap.';
COMMENT ON COLUMN job_types.required IS 'A failed job of this type makes its file failed.';
COMMENT ON COLUMN job_types.timeout_seconds IS 'NULL: JOB_TIMEOUT_SECONDS of config.txt; memory_mb likewise.';

INSERT INTO job_types (job_type, phase, description, required) VALUES
    ('pdf',  'B', 'PDF drawings: pages, title block, dimensions', true),
    ('dxf',  'B', 'DXF drawings: texts, layers, dimensions', true),
    ('text', 'B', 'Pages of every text-bearing format into chunks', true),
    ('cad',  'D', 'CAD models: geometry, features, views', true);

CREATE TABLE extraction_jobs (
    id                  bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    available_at        timestamptz NOT NULL DEFAULT now(),
    queued_at           timestamptz NOT NULL DEFAULT now(),
    claimed_at          timestamptz,
    heartbeat           timestamptz,
    started_at          timestamptz,
    completed_at        timestamptz,
    priority            integer     NOT NULL DEFAULT 0,
    attempt             integer     NOT NULL DEFAULT 0,
    retry_count         integer     NOT NULL DEFAULT 0,
    max_attempts        integer     NOT NULL DEFAULT 3 CONSTRAINT extraction_jobs_max_attempts_positive CHECK (max_attempts > 0),
    processing_time_ms  integer,
    input_tokens        integer,
    output_tokens       integer,
    chunk_count         integer,
    ready               boolean     NOT NULL DEFAULT true,
    handed_over         boolean     NOT NULL DEFAULT false,
    run_alone           boolean     NOT NULL DEFAULT false,
    job_id              uuid        NOT NULL GENERATED ALWAYS AS (lpad(to_hex(id), 32, '0')::uuid) STORED,
    tenant_id           uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001',
    blob_id             uuid        NOT NULL,
    input_key           uuid        NOT NULL GENERATED ALWAYS AS
        (md5(source_version || E'\x1f' || extraction_version || E'\x1f' || coalesce(model_version, '') || E'\x1f'
             || coalesce(prompt_hash, '') || E'\x1f' || scope)::uuid) STORED,
    job_type            text        NOT NULL REFERENCES job_types (job_type),
    status              text        NOT NULL DEFAULT 'pending' CONSTRAINT extraction_jobs_status_known CHECK (status IN
        ('pending', 'processing', 'completed', 'failed', 'cancelled')),
    source_version      text        NOT NULL DEFAULT '',
    extraction_version  text        NOT NULL DEFAULT '',
    model_version       text,
    prompt_hash         text,
    scope               text        NOT NULL DEFAULT '',
    correlation_id      text,
    claimed_by          text,
    error_kind          text        CONSTRAINT extraction_jobs_error_kind_known CHECK (error_kind IN ('transient', 'poison', 'permanent')),
    error_reason        text,
    last_error          text,
    error_message       text        GENERATED ALWAYS AS (last_error) STORED,
    parameters          jsonb,
    bom                 jsonb,
    CONSTRAINT extraction_jobs_blob_fk FOREIGN KEY (tenant_id, blob_id) REFERENCES blob_inventory (tenant_id, blob_id),
    CONSTRAINT extraction_jobs_claim_is_whole CHECK
        ((status = 'processing') = (claimed_by IS NOT NULL) AND (claimed_by IS NULL) = (heartbeat IS NULL)),
    CONSTRAINT extraction_jobs_failed_says_why CHECK (status <> 'failed' OR last_error IS NOT NULL)
) WITH (
    -- Half a page stays free, so that a heartbeat finds room beside its row and touches no index (HOT).
    fillfactor = 60,
    -- A queue dies of dead rows: vacuum after thousands of changes, not after a fifth of the table, and without pauses.
    autovacuum_vacuum_scale_factor = 0.005,
    autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_insert_scale_factor = 0.05,
    autovacuum_analyze_scale_factor = 0.02,
    autovacuum_vacuum_cost_delay = 0
);
COMMENT ON TABLE extraction_jobs IS 'One row: one type of work on one file version. Life of a job: docs/architecture.md.';
COMMENT ON COLUMN extraction_jobs.attempt IS 'Fencing token: rises at every claim and is never given back.';
COMMENT ON COLUMN extraction_jobs.retry_count IS 'Failures so far, against max_attempts.';
COMMENT ON COLUMN extraction_jobs.ready IS 'false while in backoff: such rows stand outside the claim index.';
COMMENT ON COLUMN extraction_jobs.handed_over IS 'A child process has begun on it; a stall then counts as a failure.';
COMMENT ON COLUMN extraction_jobs.run_alone IS 'It killed its process once: nothing else runs on the machine beside it.';
COMMENT ON COLUMN extraction_jobs.job_id IS 'id written as a UUID. It has no index: look a job up by id.';
COMMENT ON COLUMN extraction_jobs.input_key IS 'Hash of everything that the result depends on: queueing twice is harmless.';
COMMENT ON COLUMN extraction_jobs.parameters IS 'Counts for the quality query of the requirements; the values are in extracted_parameters.';

-- Every claim walks this index and nothing else. Rows in backoff and finished rows are not in it.
CREATE INDEX extraction_jobs_claim_idx ON extraction_jobs (job_type, priority DESC, id) WHERE status = 'pending' AND ready;
CREATE INDEX extraction_jobs_backoff_idx ON extraction_jobs (available_at) WHERE status = 'pending' AND NOT ready;
-- Caps and stalled jobs are counted over what runs now: a few hundred rows. heartbeat must be in no index.
CREATE INDEX extraction_jobs_running_idx ON extraction_jobs (job_type) WHERE status = 'processing';
CREATE INDEX extraction_jobs_failed_idx ON extraction_jobs (job_type, error_kind) WHERE status = 'failed';
-- Uniqueness, and the way from a file to its jobs (blob_id first; it names its tenant already).
CREATE UNIQUE INDEX extraction_jobs_input_key ON extraction_jobs (blob_id, job_type, input_key);

CREATE TABLE extraction_attempts (
    tenant_id    uuid        NOT NULL,
    id           bigint      NOT NULL,
    attempt      integer     NOT NULL,
    outcome      text        NOT NULL CONSTRAINT extraction_attempts_outcome_known CHECK (outcome IN
        ('transient', 'poison', 'permanent', 'stalled')),
    error        text,
    error_reason text,
    claimed_by   text,
    started_at   timestamptz,
    ended_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, attempt, outcome)
);
COMMENT ON TABLE extraction_attempts IS
    'Attempts that did not complete. No foreign key: the history outlives its job, and successes cost nothing here.';

CREATE TABLE workers (
    worker_id    text        PRIMARY KEY,
    machine      text        NOT NULL,
    pid          integer     NOT NULL,
    job_types    text[]      NOT NULL,
    children     integer     NOT NULL,
    release      text        NOT NULL,
    state        text        NOT NULL DEFAULT 'running' CONSTRAINT workers_state_known CHECK (state IN ('running', 'draining', 'stopped', 'lost')),
    drain        boolean     NOT NULL DEFAULT false,
    note         text,
    jobs_done    bigint      NOT NULL DEFAULT 0,
    jobs_failed  bigint      NOT NULL DEFAULT 0,
    started_at   timestamptz NOT NULL DEFAULT now(),
    last_seen    timestamptz NOT NULL DEFAULT now(),
    stopped_at   timestamptz
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);
COMMENT ON COLUMN workers.worker_id IS 'machine/uuid: a host name or a process id alone may come back after a restart.';
COMMENT ON COLUMN workers.drain IS 'Set it to true: the worker finishes what is in hand and stops.';
COMMENT ON COLUMN workers.note IS 'Why it is waiting: disk nearly full, source out of reach.';
CREATE INDEX workers_machine_idx ON workers (machine) WHERE state IN ('running', 'draining');

CREATE TABLE checkpoints (
    checkpoint_id  bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id      uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001' REFERENCES tenants (tenant_id),
    name           text        NOT NULL,
    inventory_run  bigint,
    passed         boolean     NOT NULL,
    figures        jsonb       NOT NULL,
    checked_at     timestamptz NOT NULL DEFAULT now(),
    checked_by     text        NOT NULL,
    CONSTRAINT checkpoints_once_a_run UNIQUE NULLS NOT DISTINCT (tenant_id, name, inventory_run)
);
COMMENT ON TABLE checkpoints IS 'Whether a phase has done its work, for each look at the source; phases started with --wait look here.';

SELECT protect_tenant_table('extraction_jobs', 'SELECT, INSERT, UPDATE');
SELECT protect_tenant_table('extraction_attempts', 'SELECT, INSERT');
SELECT protect_tenant_table('checkpoints', 'SELECT');
GRANT SELECT ON job_types, workers TO draftmill_app;
