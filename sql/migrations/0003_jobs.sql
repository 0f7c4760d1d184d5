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

-- Rules on single columns stand in domains: PostgreSQL reads a domain's rule once a session, but a table's CHECK from
-- the catalogue for every statement, which was a tenth of the cost of claiming.
CREATE DOMAIN job_status AS text CONSTRAINT job_status_known CHECK (VALUE IN
    ('pending', 'processing', 'completed', 'failed', 'cancelled'));
CREATE DOMAIN failure_kind AS text CONSTRAINT failure_kind_known CHECK (VALUE IN ('transient', 'poison', 'permanent'));
CREATE DOMAIN attempt_limit AS integer CONSTRAINT attempt_limit_positive CHECK (VALUE > 0);

CREATE TABLE extraction_jobs (
    id                  bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY WITH (fillfactor = 50),
    available_at        timestamptz DEFAULT now(),
    queued_at           timestamptz NOT NULL DEFAULT now(),
    claimed_at          timestamptz,
    heartbeat           timestamptz,
    started_at          timestamptz,
    completed_at        timestamptz,
    priority            integer     NOT NULL DEFAULT 0,
    attempt             integer     NOT NULL DEFAULT 0,
    retry_count         integer     NOT NULL DEFAULT 0,
    stall_count         integer     NOT NULL DEFAULT 0,
    max_attempts        attempt_limit NOT NULL DEFAULT 3,
    processing_time_ms  integer,
    input_tokens        integer,
    output_tokens       integer,
    chunk_count         integer,
    ready               boolean     NOT NULL DEFAULT true,
    handed_over         boolean     NOT NULL DEFAULT false,
    run_alone           boolean     NOT NULL DEFAULT false,
    job_id              uuid        NOT NULL,
    tenant_id           uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000001',
    blob_id             uuid        NOT NULL,
    input_key           uuid        NOT NULL,
    job_type            text        NOT NULL REFERENCES job_types (job_type),
    status              job_status  NOT NULL DEFAULT 'pending',
    source_version      text        NOT NULL DEFAULT '',
    extraction_version  text        NOT NULL DEFAULT '',
    model_version       text,
    prompt_hash         text,
    scope               text        NOT NULL DEFAULT '',
    correlation_id      text,
    claimed_by          text,
    error_kind          failure_kind,
    error_reason        text,
    last_error          text,
    error_message       text,
    parameters          jsonb,
    bom                 jsonb,
    CONSTRAINT extraction_jobs_blob_fk FOREIGN KEY (tenant_id, blob_id) REFERENCES blob_inventory (tenant_id, blob_id),
    CONSTRAINT extraction_jobs_claim_is_whole CHECK
        ((status = 'processing') = (claimed_by IS NOT NULL) AND (claimed_by IS NULL) = (heartbeat IS NULL)),
    CONSTRAINT extraction_jobs_failed_says_why CHECK (status <> 'failed' OR last_error IS NOT NULL)
) WITH (
    -- Half a page stays free: the claimed version fits beside its row, and heartbeats and completions reuse what it
    -- left (HOT), so that the table never grows while the queue is worked off.
    fillfactor = 50,
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
COMMENT ON COLUMN extraction_jobs.stall_count IS 'How often its machine fell silent while holding it, begun or not.';
COMMENT ON COLUMN extraction_jobs.ready IS 'It may be claimed: pending and not in backoff. The claim index holds these rows alone.';
COMMENT ON COLUMN extraction_jobs.available_at IS 'When it could or can be claimed; NULL once it was.';
COMMENT ON COLUMN extraction_jobs.handed_over IS 'A child process has begun on it; a stall then counts as a failure.';
COMMENT ON COLUMN extraction_jobs.run_alone IS 'It killed its process once: nothing else runs on the machine beside it.';
COMMENT ON COLUMN extraction_jobs.job_id IS 'id written as a UUID, by extraction_jobs_keys(). It has no index: look a job up by id.';
COMMENT ON COLUMN extraction_jobs.input_key IS 'Hash of all that the result depends on, by extraction_jobs_keys(): queueing twice is harmless.';
COMMENT ON COLUMN extraction_jobs.error_message IS 'last_error under the name that the monitoring queries use.';
COMMENT ON COLUMN extraction_jobs.parameters IS 'Counts for the quality query of the requirements; the values are in extracted_parameters.';

-- No index names status or claimed_by, not even in its predicate: completing a job changes no indexed column and is HOT.
-- The claim alone writes a second entry into the primary key and into the key below; half-full pages have room for it.
-- Every claim walks this index and nothing else. Rows in backoff, running and finished rows are not in it.
CREATE INDEX extraction_jobs_claim_idx ON extraction_jobs (job_type, priority DESC, id) WHERE ready;
CREATE INDEX extraction_jobs_backoff_idx ON extraction_jobs (available_at) WHERE NOT ready AND available_at IS NOT NULL;
CREATE INDEX extraction_jobs_failed_idx ON extraction_jobs (job_type, error_kind) WHERE error_kind IS NOT NULL;
-- Uniqueness, and the way from a file to its jobs (blob_id first; it names its tenant already).
CREATE UNIQUE INDEX extraction_jobs_input_key ON extraction_jobs (blob_id, job_type, input_key) WITH (fillfactor = 50);

-- Not GENERATED columns: PostgreSQL reads their expressions from the catalogue for every UPDATE too (a sixth of the
-- cost of claiming); what they depend on never changes after the INSERT.
CREATE FUNCTION extraction_jobs_keys() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
BEGIN
    NEW.job_id := lpad(to_hex(NEW.id), 32, '0')::uuid;
    NEW.input_key := md5(NEW.source_version || E'\x1f' || NEW.extraction_version || E'\x1f' || coalesce(NEW.model_version, '')
                         || E'\x1f' || coalesce(NEW.prompt_hash, '') || E'\x1f' || NEW.scope)::uuid;
    NEW.error_message := NEW.last_error;
    NEW.ready := NEW.ready AND NEW.status = 'pending';
    IF NEW.status = 'processing' THEN  -- only by hand, or restored from a dump
        INSERT INTO public.job_claims (job_type, claimed_at, claimed_by, job_ids)
        VALUES (NEW.job_type, coalesce(NEW.heartbeat, statement_timestamp()), coalesce(NEW.claimed_by, 'unknown'), ARRAY[NEW.id]);
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER extraction_jobs_keys BEFORE INSERT ON extraction_jobs FOR EACH ROW EXECUTE FUNCTION extraction_jobs_keys();

-- Operators write SQL by hand, at three in the morning. Our own statements set every column that belongs to a state; for
-- all others this completes the row, so that `SET status = 'pending'` alone really queues a job again, and a job set to
-- `processing` is known to the rescue. (WHEN keeps it off the hot path: 3 % of the cost of claiming.)
CREATE FUNCTION extraction_jobs_by_hand() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
BEGIN
    NEW.error_message := NEW.last_error;
    IF NEW.status = 'processing' THEN
        NEW.ready := false;
        NEW.available_at := NULL;
        INSERT INTO public.job_claims (job_type, claimed_at, claimed_by, job_ids)
        VALUES (NEW.job_type, coalesce(NEW.heartbeat, statement_timestamp()), coalesce(NEW.claimed_by, 'unknown'), ARRAY[NEW.id]);
        RETURN NEW;
    END IF;
    NEW.claimed_by := NULL;
    NEW.heartbeat := NULL;
    NEW.handed_over := false;
    IF NEW.status = 'pending' AND NOT NEW.ready AND NEW.available_at > statement_timestamp() THEN
        RETURN NEW;  -- in backoff
    END IF;
    NEW.ready := NEW.status = 'pending';
    NEW.available_at := CASE WHEN NEW.status = 'pending' THEN statement_timestamp() END;
    RETURN NEW;
END
$$;
CREATE TRIGGER extraction_jobs_by_hand BEFORE UPDATE OF status, last_error ON extraction_jobs FOR EACH ROW
WHEN ((NEW.status = 'pending') <> (NEW.ready OR NEW.available_at IS NOT NULL)
      OR (NEW.claimed_by IS NOT NULL AND NEW.status <> 'processing')
      OR NEW.error_message IS DISTINCT FROM NEW.last_error)
EXECUTE FUNCTION extraction_jobs_by_hand();

CREATE TABLE job_claims (
    job_type    text        NOT NULL,
    claim_id    bigint      GENERATED ALWAYS AS IDENTITY,
    claimed_at  timestamptz NOT NULL DEFAULT statement_timestamp(),
    claimed_by  text        NOT NULL,
    job_ids     bigint[]    NOT NULL,
    PRIMARY KEY (job_type, claim_id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0);
COMMENT ON TABLE job_claims IS
    'What was claimed together: the way to the jobs that run, one row a batch. An index of them would be written by every '
    'completion. A row goes when none of its jobs is held any more.';

CREATE VIEW running_jobs WITH (security_invoker = true) AS
SELECT DISTINCT job.id, job.job_id, job.tenant_id, job.blob_id, job.job_type, job.attempt, job.claimed_by, job.claimed_at,
       job.heartbeat, job.handed_over
FROM job_claims AS batch
CROSS JOIN LATERAL unnest(batch.job_ids) AS held (id)
CROSS JOIN LATERAL (SELECT * FROM extraction_jobs WHERE extraction_jobs.id = held.id OFFSET 0) AS job
WHERE job.claimed_by = batch.claimed_by;
COMMENT ON VIEW running_jobs IS 'status = ''processing'' without reading the whole table.';

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

-- Claiming is a function because its plans must hold at any time and through any pooler. Prepared statements do not
-- survive a pooler; planned anew it would cost half as much again; and a plan made while the table was empty or its
-- statistics were stale must not read the whole table once there are a million rows. So each session plans it once,
-- whatever the arguments, and along the indexes.
CREATE FUNCTION complete_jobs(done_ids bigint[], done_attempts integer[], done_durations integer[]) RETURNS SETOF bigint
LANGUAGE plpgsql
SET search_path = pg_catalog
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
BEGIN
    RETURN QUERY
    UPDATE public.extraction_jobs AS job
    SET status = 'completed', completed_at = statement_timestamp(), claimed_by = NULL, heartbeat = NULL,
        processing_time_ms = done_durations[width_bucket(job.id, done_ids)],
        error_kind = NULL, error_reason = NULL, last_error = NULL, error_message = NULL
    -- One table and one index, so that there is no join to plan wrongly. The ids come sorted: width_bucket() finds the
    -- position of one among them by halving.
    WHERE job.id = ANY (done_ids) AND job.attempt = done_attempts[width_bucket(job.id, done_ids)] AND job.claimed_by IS NOT NULL
    RETURNING job.id;
END
$$;
COMMENT ON FUNCTION complete_jobs IS
    'Marks jobs completed; returns the ids that were still held with that attempt. done_ids must ascend.';

CREATE FUNCTION complete_and_claim(
    done_ids bigint[], done_attempts integer[], done_durations integer[],
    worker text, types text[], quotas integer[], floor_priorities integer[], floor_ids bigint[])
RETURNS TABLE (id bigint, attempt integer, tenant_id uuid, blob_id uuid, job_type text, priority integer, retry_count integer,
               max_attempts integer, run_alone boolean, source_version text)
LANGUAGE plpgsql
SET search_path = pg_catalog
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
SET seq_page_cost = 0  -- as if all were in memory, or the primary key looks cheaper than the claim index for its order
SET random_page_cost = 0
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
    want   record;
    cap    integer;
    room   integer;
    found  bigint[];
    picked bigint[] := '{}';
BEGIN
    -- First complete, then claim. A claim may lock a row that was taken since its snapshot, before it sees that and
    -- leaves it: whoever then waited for rows of its own would wait in a circle with that row's holder.
    IF done_ids <> '{}' THEN
        PERFORM public.complete_jobs(done_ids, done_attempts, done_durations);
    END IF;

    -- Each type walks the index in its own order and has its own quota: CAD cannot starve PDFs. By name, so that two
    -- claimers lock capped types in the same order.
    FOR want IN
        SELECT wanted.job_type, wanted.quota, wanted.floor_priority, wanted.floor_id, kind.max_concurrent
        FROM unnest(types, quotas, floor_priorities, floor_ids) AS wanted (job_type, quota, floor_priority, floor_id)
        JOIN public.job_types AS kind ON kind.job_type = wanted.job_type
        WHERE NOT kind.paused
        ORDER BY wanted.job_type
    LOOP
        room := want.quota;
        IF want.max_concurrent IS NOT NULL THEN
            -- Lock the type, count in the NEXT statement (a new snapshot), or two claimers would both see 19 of 20.
            -- NO KEY UPDATE: enqueueing, which only refers to the row, need not wait.
            SELECT kind.max_concurrent INTO cap FROM public.job_types AS kind WHERE kind.job_type = want.job_type FOR NO KEY UPDATE;
            PERFORM public.forget_ended_claims(want.job_type);
            SELECT least(room, cap - count(DISTINCT job.id)) INTO room
            FROM public.job_claims AS batch
            CROSS JOIN LATERAL unnest(batch.job_ids) AS held (id)
            CROSS JOIN LATERAL (SELECT id, claimed_by FROM public.extraction_jobs WHERE id = held.id OFFSET 0) AS job
            WHERE batch.job_type = want.job_type AND job.claimed_by = batch.claimed_by;
        END IF;
        CONTINUE WHEN room <= 0;

        IF want.floor_priority IS NULL THEN
            found := ARRAY (
                SELECT id FROM public.extraction_jobs
                WHERE job_type = want.job_type AND ready AND status = 'pending'
                ORDER BY priority DESC, id LIMIT room FOR UPDATE SKIP LOCKED);
        ELSE
            -- Above the floor first: an upload never waits behind bulk work. Then from the floor on, past what was
            -- claimed before: while a snapshot is held open those are dead rows.
            found := ARRAY (
                SELECT id FROM public.extraction_jobs
                WHERE job_type = want.job_type AND ready AND status = 'pending' AND priority > want.floor_priority
                ORDER BY priority DESC, id LIMIT room FOR UPDATE SKIP LOCKED);
            IF cardinality(found) < room THEN
                found := found || ARRAY (
                    SELECT id FROM public.extraction_jobs
                    WHERE job_type = want.job_type AND ready AND status = 'pending' AND priority = want.floor_priority
                      AND id > want.floor_id
                    ORDER BY priority DESC, id LIMIT room - cardinality(found) FOR UPDATE SKIP LOCKED);
            END IF;
            IF cardinality(found) < room THEN
                found := found || ARRAY (
                    SELECT id FROM public.extraction_jobs
                    WHERE job_type = want.job_type AND ready AND status = 'pending' AND priority < want.floor_priority
                    ORDER BY priority DESC, id LIMIT room - cardinality(found) FOR UPDATE SKIP LOCKED);
            END IF;
        END IF;
        CONTINUE WHEN found = '{}';
        INSERT INTO public.job_claims (job_type, claimed_by, job_ids) VALUES (want.job_type, worker, found);
        picked := picked || found;
    END LOOP;

    IF picked <> '{}' THEN
        RETURN QUERY
        UPDATE public.extraction_jobs AS job
        SET status = 'processing', ready = false, available_at = NULL, attempt = job.attempt + 1, claimed_by = worker,
            handed_over = false, claimed_at = statement_timestamp(), started_at = statement_timestamp(),
            heartbeat = statement_timestamp()
        WHERE job.id = ANY (picked)
        RETURNING job.id, job.attempt, job.tenant_id, job.blob_id, job.job_type, job.priority, job.retry_count,
                  job.max_attempts::integer, job.run_alone, job.source_version;
    END IF;
END
$$;
COMMENT ON FUNCTION complete_and_claim IS
    'Completes these jobs (those still held with that attempt), then claims up to quota ready jobs of each type for worker.';

CREATE FUNCTION forget_ended_claims(only_type text DEFAULT NULL, older_than interval DEFAULT '0') RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
DECLARE
    ended bigint;
BEGIN
    DELETE FROM public.job_claims
    WHERE (job_type, claim_id) IN (
        SELECT batch.job_type, batch.claim_id
        FROM public.job_claims AS batch
        WHERE (only_type IS NULL OR batch.job_type = only_type) AND batch.claimed_at <= statement_timestamp() - older_than
          AND NOT EXISTS (
              SELECT FROM unnest(batch.job_ids) AS held (id)
              CROSS JOIN LATERAL (SELECT claimed_by FROM public.extraction_jobs AS job WHERE job.id = held.id OFFSET 0) AS job
              WHERE job.claimed_by = batch.claimed_by)
        FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS ended = ROW_COUNT;
    RETURN ended;
END
$$;
COMMENT ON FUNCTION forget_ended_claims IS 'Removes the claims none of whose jobs is held any more; returns how many.';
REVOKE ALL ON FUNCTION complete_jobs, complete_and_claim, forget_ended_claims FROM PUBLIC;

SELECT protect_tenant_table('extraction_jobs', 'SELECT, INSERT, UPDATE');
SELECT protect_tenant_table('extraction_attempts', 'SELECT, INSERT');
SELECT protect_tenant_table('checkpoints', 'SELECT');
GRANT SELECT ON job_types, workers TO draftmill_app;
