"""verify_migration.py on a healthy database and on broken ones: each break fails its own check, and the others still run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

import verify_migration
from pipeline import migrations
from pipeline.database import DEFAULT_TENANT, Connection
from pipeline.observe import catalogue, checkpoints
from pipeline.observe.verify import CHECKS, verify

pytestmark = pytest.mark.direct

BLOB = "INSERT INTO blob_inventory (blob_key, file_name, status) VALUES (%s, %s, %s) RETURNING blob_id"
JOB = """
    INSERT INTO extraction_jobs
        (blob_id, job_type, status, error_kind, error_reason, last_error, source_version, claimed_by, heartbeat)
    SELECT %(blob)s, %(job_type)s, %(status)s::text, %(kind)s, %(reason)s, 'made by a test', %(version)s,
           CASE WHEN %(status)s::text = 'processing' THEN 'machine/1' END,
           CASE WHEN %(status)s::text = 'processing' THEN now() END
    RETURNING job_id
"""


@pytest.fixture
def broken(direct_url: str) -> Iterator[Connection]:
    """An owner's connection past any pooler, for breaking things."""
    with psycopg.connect(direct_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def command(direct_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("DRAFTMILL_DB_URL", direct_url)
    monkeypatch.setenv("DRAFTMILL_DB_WAIT_SECONDS", "0")
    monkeypatch.setenv("DRAFTMILL_DATA_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    Path("config.txt").write_text("", encoding="utf-8")
    return CliRunner()


def run(command: CliRunner, *arguments: str) -> Result:
    return command.invoke(verify_migration.main, list(arguments))


def failed(command: CliRunner) -> dict[str, list[dict[str, str]]]:
    """Name of each failed check → its faults; and all checks must have run."""
    result = run(command, "--json")
    report = json.loads(result.stdout)
    assert [check["name"] for check in report["checks"]] == [name for _, name, _ in CHECKS]
    faults = {check["name"]: check["faults"] for check in report["checks"] if not check["passed"]}
    assert result.exit_code == (1 if faults else 0)
    assert report["passed"] is not bool(faults)
    assert report["failed"] == list(faults)
    return faults


def test_the_checked_in_expectation_is_what_the_migrations_make(broken: Connection) -> None:
    found, _ = catalogue.read(broken)
    assert found.to_json() == catalogue.EXPECTED.read_text(encoding="utf-8"), "run: python -m pipeline.observe.schema_snapshot"


def test_a_freshly_migrated_database_passes_every_check(command: CliRunner) -> None:
    assert failed(command) == {}
    shown = run(command)
    assert shown.exit_code == 0
    assert "all passed" in shown.output
    assert "\x1b" not in shown.output, "no colour where standard output is no terminal"


def test_a_database_that_was_never_migrated_fails_with_the_command_to_run(command: CliRunner, empty_url: str,
                                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAFTMILL_DB_URL", empty_url)
    faults = failed(command)
    assert {"migrations-applied", "tables", "columns", "vector-indexes", "policies"} <= faults.keys()
    assert faults["tables"][0]["mend"] == "run: python run_pipeline.py --phase A1"
    assert run(command, "--checkpoint", "b").exit_code == 1


BREAKS = [
    pytest.param(
        "DROP TABLE cad_rendered_views",
        "tables", "cad_rendered_views", "restore it", id="table"),
    pytest.param(
        "ALTER TABLE documents DROP COLUMN warnings",
        "columns", "documents.warnings", "ADD COLUMN", id="column"),
    pytest.param(
        "ALTER TABLE documents ALTER COLUMN page_count TYPE text",
        "columns", "documents.page_count is text", "ALTER TABLE", id="type"),
    pytest.param(
        "ALTER TABLE documents ALTER COLUMN kind DROP NOT NULL",
        "columns", "documents.kind", "ALTER TABLE", id="not-null"),
    pytest.param(
        "DROP INDEX extraction_jobs_claim_idx",
        "indexes", "extraction_jobs_claim_idx", "CREATE INDEX CONCURRENTLY", id="index"),
    pytest.param(
        "DROP INDEX extraction_jobs_claim_idx; CREATE INDEX extraction_jobs_claim_idx ON extraction_jobs (job_type, "
        "priority DESC, id) WHERE status = 'pending'",
        "indexes", "covers", "DROP INDEX", id="predicate"),
    pytest.param(
        "DROP INDEX extracted_blocks_name_idx; CREATE INDEX extracted_blocks_name_idx ON extracted_blocks USING hash "
        "(block_name)",
        "indexes", "of kind hash, expected btree", "DROP INDEX", id="kind"),
    pytest.param(
        "DROP INDEX cad_model_embeddings_fused_hnsw",
        "vector-indexes", "cad_model_embeddings_fused_hnsw", "USING hnsw", id="hnsw"),
    pytest.param(
        "ALTER TABLE extracted_blocks DROP CONSTRAINT extracted_blocks_blob_fk",
        "foreign-keys", "extracted_blocks_blob_fk", "ADD CONSTRAINT extracted_blocks_blob_fk FOREIGN KEY", id="foreign-key"),
    pytest.param(
        "ALTER TABLE documents ADD CONSTRAINT plain_fk FOREIGN KEY (blob_id) REFERENCES blob_inventory (blob_id)",
        "foreign-keys", "plain_fk", "tenant_id", id="foreign-key-across-tenants"),
    pytest.param(
        "ALTER TABLE extraction_jobs DROP CONSTRAINT extraction_jobs_claim_is_whole",
        "constraints", "extraction_jobs_claim_is_whole", "ADD CONSTRAINT", id="check"),
    pytest.param(
        "ALTER TABLE documents DROP CONSTRAINT documents_one_a_blob",
        "constraints", "documents_one_a_blob", "UNIQUE", id="unique"),
    pytest.param(
        "ALTER TABLE extraction_jobs DROP CONSTRAINT extraction_jobs_claim_is_whole; ALTER TABLE extraction_jobs ADD "
        "CONSTRAINT extraction_jobs_claim_is_whole CHECK ((status = 'processing') = (claimed_by IS NOT NULL) AND "
        "(claimed_by IS NULL) = (heartbeat IS NULL)) NOT VALID",
        "constraints", "never checked", "VALIDATE CONSTRAINT", id="not-validated"),
    pytest.param(
        "DROP FUNCTION refresh_blob_status(uuid[])",
        "functions", "refresh_blob_status", "0004_blob_status.sql", id="function"),
    pytest.param(
        "CREATE OR REPLACE FUNCTION refresh_blob_status(blobs uuid[]) RETURNS bigint LANGUAGE sql SET search_path = "
        "pg_catalog, public AS 'SELECT 0::bigint'",
        "functions", "refresh_blob_status", "0004", id="function-body"),
    pytest.param(
        "GRANT EXECUTE ON FUNCTION refresh_blob_status TO draftmill_app",
        "functions", "EXECUTE BY draftmill_app", "0004", id="function-rights"),
    pytest.param(
        "ALTER TABLE extraction_jobs DISABLE TRIGGER extraction_jobs_keys",
        "triggers", "is disabled", "ENABLE TRIGGER extraction_jobs_keys", id="trigger-off"),
    pytest.param(
        "DROP TRIGGER extraction_jobs_keys ON extraction_jobs",
        "triggers", "extraction_jobs_keys of extraction_jobs is missing", "CREATE TRIGGER", id="trigger"),
    pytest.param(
        "ALTER DOMAIN job_status DROP CONSTRAINT job_status_known",
        "domains", "job_status is text, expected", "0003_jobs.sql", id="domain"),
    pytest.param(
        "ALTER TABLE documents DISABLE ROW LEVEL SECURITY",
        "row-level-security", "documents", "ENABLE ROW LEVEL SECURITY", id="rls-off"),
    pytest.param(
        "ALTER TABLE documents FORCE ROW LEVEL SECURITY",
        "row-level-security", "documents", "NO FORCE", id="rls-forced"),
    pytest.param(
        "CREATE VIEW leak AS SELECT * FROM documents; GRANT SELECT ON leak TO draftmill_app",
        "row-level-security", "leak", "security_invoker", id="view-past-the-policies"),
    pytest.param(
        "DROP POLICY tenant_isolation ON documents",
        "policies", "documents", "protect_tenant_table('documents', 'SELECT')", id="policy"),
    pytest.param(
        "ALTER POLICY tenant_isolation ON documents WITH CHECK (true)",
        "policies", "documents", "DROP POLICY", id="with-check"),
    pytest.param(
        "ALTER POLICY tenant_isolation ON documents USING (true)",
        "policies", "documents", "DROP POLICY", id="using"),
    pytest.param(
        "CREATE POLICY everybody ON documents USING (true)",
        "policies", "everybody", "DROP POLICY everybody", id="extra-policy"),
    pytest.param(
        "GRANT TRUNCATE ON documents TO draftmill_app",
        "privileges", "TRUNCATE", "REVOKE TRUNCATE ON documents", id="truncate"),
    pytest.param(
        "REVOKE SELECT ON documents FROM draftmill_app",
        "privileges", "SELECT", "GRANT SELECT ON documents", id="revoked"),
    pytest.param(
        "ALTER SCHEMA public OWNER TO draftmill_app",
        "app-role", "owns 1 objects", "REASSIGN OWNED", id="owner"),
    pytest.param(
        "UPDATE schema_migrations SET checksum = 'other' WHERE version = 3",
        "migration-checksums", "0003_jobs was edited", "restore 0003_jobs.sql", id="checksum"),
    pytest.param(
        "INSERT INTO schema_migrations (version, name, checksum, applied_by) VALUES (9999, 'later', 'x', 'y')",
        "migrations-known", "9999_later", "update Draftmill", id="newer"),
]


@pytest.mark.parametrize(("breakage", "check", "what", "mend"), BREAKS)
def test_what_is_broken_fails_by_name_with_the_mend(broken: Connection, command: CliRunner, breakage: str, check: str, what: str,
                                                    mend: str) -> None:
    broken.execute(breakage)
    faults = failed(command)
    assert check in faults
    assert any(what in fault["what"] and mend in fault["mend"] for fault in faults[check]), faults[check]
    unrelated = {"server-version", "extension-vector", "migrations-applied", "ownership"} - {check}
    if check != "tables":
        assert not unrelated & faults.keys()
    shown = run(command)
    assert shown.exit_code == 1
    assert f"FAIL  {check}" in shown.output
    assert what in shown.output


def test_the_mends_for_a_missing_index_column_key_and_policy_do_mend(broken: Connection, command: CliRunner) -> None:
    broken.execute("DROP INDEX extraction_jobs_claim_idx")
    broken.execute("DROP INDEX cad_model_embeddings_brep_hnsw")
    broken.execute("ALTER TABLE documents DROP COLUMN warnings")
    broken.execute("ALTER TABLE extracted_blocks DROP CONSTRAINT extracted_blocks_blob_fk")
    broken.execute("DROP POLICY tenant_isolation ON documents")
    broken.execute("ALTER TABLE documents DISABLE ROW LEVEL SECURITY")
    faults = failed(command)
    assert set(faults) == {"columns", "indexes", "vector-indexes", "foreign-keys", "row-level-security", "policies"}
    for fault in [fault for check in faults.values() for fault in check]:
        broken.execute(fault["mend"].removeprefix("in psql: "))
    assert failed(command) == {}


def test_an_index_whose_build_was_cut_off_is_named_invalid(broken: Connection, command: CliRunner) -> None:
    broken.execute("INSERT INTO blob_inventory (blob_key, file_name, etag) VALUES ('a', 'a', 'same'), ('b', 'b', 'same')")
    with pytest.raises(psycopg.errors.UniqueViolation):
        broken.execute("CREATE UNIQUE INDEX CONCURRENTLY leftover ON blob_inventory (etag)")
    broken.execute("DROP INDEX blob_inventory_duplicate_idx")
    with pytest.raises(psycopg.errors.UniqueViolation):
        broken.execute("CREATE UNIQUE INDEX CONCURRENTLY blob_inventory_duplicate_idx ON blob_inventory (etag)")
    faults = failed(command)
    assert set(faults) == {"indexes"}
    mends = {fault["what"].split(" is ")[0]: fault["mend"] for fault in faults["indexes"] if "is invalid" in fault["what"]}
    assert mends == {"leftover": "in psql: DROP INDEX CONCURRENTLY leftover;",
                     "blob_inventory_duplicate_idx": "in psql: REINDEX INDEX CONCURRENTLY blob_inventory_duplicate_idx;"}


def test_a_pending_migration_is_named(broken: Connection, command: CliRunner) -> None:
    last = migrations.available()[-1]
    broken.execute("DELETE FROM schema_migrations WHERE version = %s", (last.version,))
    faults = failed(command)
    pending = {"what": f"{last} is not applied", "mend": "run: python run_pipeline.py --phase A1"}
    assert faults == {"migrations-applied": [pending]}


def test_a_lost_migration_file_is_named_and_the_other_checks_still_run(broken: Connection, tmp_path: Path) -> None:
    for migration in migrations.available():
        if migration.version != 2:
            (tmp_path / migration.path.name).write_text(migration.text, encoding="utf-8")
    checks = {check.name: check for check in verify(broken, folder=tmp_path)}
    assert "0003_jobs.sql stands where number 0002 is expected" in checks["migrations-applied"].faults[0].what
    assert checks["tables"].passed
    assert len(checks) == len(CHECKS)


def test_wrong_usage_wrong_settings_and_a_database_out_of_reach_have_their_own_exit_status(
        command: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(command, "--checkpoint", "c").exit_code == 2
    assert run(command, "--config", "nowhere.txt").exit_code == 2
    Path("bad.txt").write_text("WORKERS=ten\n", encoding="utf-8")
    wrong = run(command, "--config", "bad.txt", "--json")
    assert wrong.exit_code == 2
    assert 'WORKERS is "ten"' in json.loads(wrong.stdout)["error"]
    monkeypatch.setenv("DRAFTMILL_DB_URL", "postgresql://nobody:hidden-word@127.0.0.1:1/none")
    away = run(command, "--json")
    assert away.exit_code == 3
    assert "hidden-word" not in away.output
    assert json.loads(away.stdout)["passed"] is False


@pytest.mark.parametrize(("raised", "status"), [
    pytest.param(RuntimeError("page text"), 4, id="ours"),
    pytest.param(KeyboardInterrupt(), 130, id="interrupted"),
])
def test_our_own_errors_and_an_interruption_are_no_failed_check(command: CliRunner, monkeypatch: pytest.MonkeyPatch,
                                                                raised: BaseException, status: int) -> None:
    def fail(conn: Connection) -> None:
        raise raised

    monkeypatch.setattr(verify_migration, "verify", fail)
    result = run(command)
    assert result.exit_code == status
    assert "page text" not in result.output


# ---- checkpoints -----------------------------------------------------------------------------------------------


def blob(conn: Connection, key: str, status: str = "pending") -> str:
    row = conn.execute(BLOB, (key, key, status)).fetchone()
    assert row is not None
    return str(row[0])


def job(conn: Connection, blob_id: str, status: str, *, job_type: str = "pdf", kind: str | None = None, reason: str | None = None,
        version: str = "1") -> str:
    row = conn.execute(JOB, {"blob": blob_id, "job_type": job_type, "status": status, "kind": kind, "reason": reason,
                             "version": version}).fetchone()
    assert row is not None
    return str(row[0])


def link(conn: Connection, key: str, *blobs: str) -> None:
    conn.execute("INSERT INTO document_groups (group_key, method, confidence) VALUES (%s, 'base_name', 1)", (key,))
    for blob_id in blobs:
        conn.execute("INSERT INTO document_group_members (blob_id, group_id, method, confidence, drawing_key) "
                     "SELECT %s, group_id, 'base_name', 1, %s FROM document_groups WHERE group_key = %s", (blob_id, key, key))


def test_checkpoint_a_wants_groups_and_every_live_file_in_one(broken: Connection, command: CliRunner) -> None:
    assert checkpoints.judge(broken, "a", DEFAULT_TENANT)[0] is False, "nothing is linked yet"
    first, second = blob(broken, "a.pdf"), blob(broken, "b.pdf")
    blob(broken, "gone.pdf", "deleted")
    link(broken, "a", first)
    passed, figures = checkpoints.judge(broken, "a", DEFAULT_TENANT)
    assert (passed, figures["live_files"], figures["files_without_group"]) == (False, 2, 1)
    assert run(command, "--checkpoint", "a").exit_code == 1
    link(broken, "b", second)
    assert checkpoints.judge(broken, "a", DEFAULT_TENANT)[0] is True
    assert run(command, "--checkpoint", "A").exit_code == 0


def test_checkpoint_b_passes_without_jobs_and_counts_the_newest_job_of_a_file_alone(broken: Connection) -> None:
    assert checkpoints.judge(broken, "b", DEFAULT_TENANT)[0] is True
    file = blob(broken, "a.pdf", "extracted")
    job(broken, file, "failed", kind="transient", reason="timeout", version="1")
    assert checkpoints.judge(broken, "b", DEFAULT_TENANT)[0] is False
    job(broken, file, "completed", version="2")
    passed, figures = checkpoints.judge(broken, "b", DEFAULT_TENANT)
    assert (passed, figures["queued"], figures["completed"], figures["failed_otherwise"]) == (True, 1, 1, 0)


def test_checkpoint_b_wants_more_than_95_percent_of_what_could_be_read(broken: Connection) -> None:
    for number in range(19):
        job(broken, blob(broken, f"good{number}.pdf", "extracted"), "completed")
    job(broken, blob(broken, "locked.pdf", "failed"), "failed", kind="permanent", reason="encrypted")
    job(broken, blob(broken, "bomb.docx", "failed"), "failed", job_type="text", kind="permanent", reason="bomb")
    job(broken, blob(broken, "withdrawn.pdf"), "cancelled")
    job(broken, blob(broken, "model.step", "failed"), "failed", job_type="cad", kind="transient", reason="timeout")
    passed, figures = checkpoints.judge(broken, "b", DEFAULT_TENANT)
    assert (passed, figures["expected"], figures["completed_pct"]) == (True, 19, 100.0)
    assert figures["input_faults_by_reason"] == {"bomb": 1, "encrypted": 1}
    job(broken, blob(broken, "killer.pdf", "failed"), "failed", kind="poison", reason="encrypted")
    passed, figures = checkpoints.judge(broken, "b", DEFAULT_TENANT)
    assert (passed, figures["completed_pct"]) == (False, 95.0), "exactly 95 % is not more than 95 %"
    assert figures["failed_otherwise_by_reason"] == {"encrypted": 1}, "only a permanent error is the file's own fault"
    job(broken, blob(broken, "good19.pdf", "extracted"), "completed")
    assert checkpoints.judge(broken, "b", DEFAULT_TENANT)[0] is True


@pytest.mark.parametrize("status", ["pending", "processing"])
def test_checkpoint_b_waits_for_open_jobs_backoff_included(broken: Connection, status: str) -> None:
    for number in range(99):
        job(broken, blob(broken, f"good{number}.pdf", "extracted"), "completed")
    last = job(broken, blob(broken, "last.pdf", "processing"), status)
    if status == "pending":
        broken.execute("UPDATE extraction_jobs SET ready = false WHERE job_id = %s", (last,))
    passed, figures = checkpoints.judge(broken, "b", DEFAULT_TENANT)
    assert (passed, figures["drained"], figures["open_jobs"], figures["completed_pct"]) == (False, False, 1, 99.0)
    assert figures["files_add_up"] is True
    assert sum(figures["files_by_status"].values()) == figures["files"] == 100


def test_checkpoint_d_wants_models_or_a_fault_of_the_file_for_every_cad_file(broken: Connection, command: CliRunner) -> None:
    assert checkpoints.judge(broken, "d", DEFAULT_TENANT)[0] is True, "no jobs passes"
    modelled = blob(broken, "part.step", "extracted")
    job_id = job(broken, modelled, "completed", job_type="cad")
    job(broken, blob(broken, "broken.step", "failed"), "failed", job_type="cad", kind="permanent", reason="corrupt")
    passed, figures = checkpoints.judge(broken, "d", DEFAULT_TENANT)
    assert (passed, figures["completed_without_models"], figures["lacking_models"]) == (False, 1, 1)
    broken.execute("INSERT INTO cad_models (blob_id, job_id, extraction_mode) VALUES (%s, %s, 'local')", (modelled, job_id))
    assert checkpoints.judge(broken, "d", DEFAULT_TENANT)[0] is True
    job(broken, blob(broken, "slow.step", "failed"), "failed", job_type="cad", kind="poison", reason="timeout")
    assert checkpoints.judge(broken, "d", DEFAULT_TENANT)[0] is False
    document = json.loads(run(command, "--checkpoint", "d", "--json").stdout)
    assert document["failed"] == ["checkpoint-d"]
    assert document["checks"][-1]["figures"]["with_models"] == 1


def test_a_checkpoint_counts_its_own_tenant_alone(broken: Connection) -> None:
    other = "00000000-0000-0000-0000-00000000000b"
    broken.execute("INSERT INTO tenants (tenant_id, name) VALUES (%s, 'other')", (other,))
    job(broken, blob(broken, "a.pdf"), "pending")
    assert checkpoints.judge(broken, "b", other)[0] is True
    assert checkpoints.judge(broken, "b", DEFAULT_TENANT)[0] is False
