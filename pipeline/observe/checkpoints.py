"""Has a phase done its work? One condition a phase, judged on the tables alone.

    passed, figures = judge(conn, "b", tenant_id)

A job is *current* where it is the newest of its (blob, type, scope) and of the bytes that the file has now.
A *permanent input fault* is a failed job whose file, not whose machine, is to blame.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from pipeline.database import Connection
from pipeline.errors import ConfigError

Figures = dict[str, Any]  # JSON: numbers, text, lists and objects

NAMES = ("a", "b", "d")
INPUT_FAULT_REASONS = ("bomb", "corrupt", "empty", "encrypted", "too_large", "unsupported")
REQUIRED_PCT = 95

LINKED = """
    SELECT (SELECT count(*) FROM document_groups WHERE tenant_id = %(tenant)s),
           (SELECT count(*) FROM document_groups WHERE tenant_id = %(tenant)s AND needs_review),
           count(*),
           count(member.blob_id)
    FROM blob_inventory AS blob
    LEFT JOIN document_group_members AS member USING (tenant_id, blob_id)
    WHERE blob.tenant_id = %(tenant)s AND blob.status <> 'deleted'
"""

# One pass over the phase's jobs; the sort starts from extraction_jobs_input_key, which is in blob and type order.
OUTCOMES = """
    WITH newest AS (
        SELECT DISTINCT ON (job.blob_id, job.job_type, job.scope)
               job.status, job.ready, job.error_kind, coalesce(job.error_reason, 'unknown') AS error_reason
        FROM extraction_jobs AS job
        JOIN blob_inventory AS blob USING (blob_id)
        WHERE job.tenant_id = %(tenant)s AND job.job_type = ANY (ARRAY(SELECT job_type FROM job_types WHERE phase = %(phase)s))
          AND (job.source_version = blob.source_version OR '' IN (job.source_version, blob.source_version))
        ORDER BY job.blob_id, job.job_type, job.scope, job.id DESC
    )
    SELECT status, ready, status = 'failed' AND error_kind = 'permanent' AND error_reason = ANY (%(faults)s) AS input_fault,
           CASE WHEN status = 'failed' THEN error_reason END AS reason, count(*)
    FROM newest
    GROUP BY 1, 2, 3, 4
"""

# Older versions count too: as long as one of them is open, the phase is not drained.
OPEN = """
    SELECT count(*)
    FROM extraction_jobs AS job
    WHERE job.tenant_id = %(tenant)s AND job.status IN ('pending', 'processing')
      AND job.job_type = ANY (ARRAY(SELECT job_type FROM job_types WHERE phase = %(phase)s))
"""

FILES = """
    SELECT (SELECT count(*) FROM blob_inventory WHERE tenant_id = %(tenant)s),
           (SELECT jsonb_object_agg(status, files)
            FROM (SELECT status, count(*) AS files FROM blob_inventory WHERE tenant_id = %(tenant)s GROUP BY status) AS by_status)
"""

CAD = """
    WITH newest AS (
        SELECT DISTINCT ON (job.blob_id, job.job_type, job.scope) job.blob_id, job.status
        FROM extraction_jobs AS job
        WHERE job.tenant_id = %(tenant)s AND job.job_type = ANY (ARRAY(SELECT job_type FROM job_types WHERE phase = 'D'))
        ORDER BY job.blob_id, job.job_type, job.scope, job.id DESC
    ),
    modelled AS (
        SELECT blob_id, count(*) AS models
        FROM cad_models
        WHERE tenant_id = %(tenant)s AND status = 'completed'
        GROUP BY blob_id
    )
    SELECT count(modelled.blob_id), count(*) FILTER (WHERE modelled.blob_id IS NULL), coalesce(sum(modelled.models), 0)::bigint
    FROM newest LEFT JOIN modelled USING (blob_id)
    WHERE newest.status = 'completed'
"""


def judge(conn: Connection, name: str, tenant_id: str) -> tuple[bool, Figures]:
    """Whether the phase's condition holds for this tenant, and the figures behind it.

    name  'a', 'b' or 'd'

    Raises ConfigError for another name.
    """
    if name == "a":
        return _linked(conn, tenant_id)
    if name == "b":
        return _extracted(conn, tenant_id)
    if name == "d":
        return _modelled(conn, tenant_id)
    raise ConfigError(f'there is no checkpoint "{name}"; the checkpoints are {", ".join(NAMES)}')


def _linked(conn: Connection, tenant_id: str) -> tuple[bool, Figures]:
    groups, to_review, files, grouped = _row(conn, LINKED, {"tenant": tenant_id})
    figures = {"document_groups": groups, "live_files": files, "files_in_a_group": grouped,
               "files_without_group": files - grouped, "groups_to_review": to_review}
    return groups > 0 and grouped == files, figures


def _extracted(conn: Connection, tenant_id: str) -> tuple[bool, Figures]:
    figures = _outcomes(conn, tenant_id, "B")
    expected = figures["queued"] - figures["cancelled"] - figures["input_faults"]
    files, by_status = _row(conn, FILES, {"tenant": tenant_id})
    by_status = dict(sorted((by_status or {}).items()))
    figures |= {
        "expected": expected,
        "completed_pct": round(100 * figures["completed"] / expected, 2) if expected else None,
        "required_pct": REQUIRED_PCT,
        "files": files,
        "files_by_status": by_status,
        "files_add_up": sum(by_status.values()) == files,
    }
    # Whole numbers: 95.004 % passes and must not be rounded into failing, nor 94.999 % into passing.
    enough = expected == 0 or figures["completed"] * 100 > expected * REQUIRED_PCT
    return enough and figures["drained"] and figures["files_add_up"], figures


def _modelled(conn: Connection, tenant_id: str) -> tuple[bool, Figures]:
    figures = _outcomes(conn, tenant_id, "D")
    with_models, without_models, models = _row(conn, CAD, {"tenant": tenant_id})
    missing = figures["queued"] - figures["cancelled"] - figures["input_faults"] - with_models
    figures |= {"with_models": with_models, "completed_without_models": without_models, "lacking_models": missing,
                "models": models}
    return missing == 0 and figures["drained"], figures


def _outcomes(conn: Connection, tenant_id: str, phase: str) -> Figures:
    """What became of the phase's current jobs. Faults are counted by their reason."""
    parameters = {"tenant": tenant_id, "phase": phase, "faults": list(INPUT_FAULT_REASONS)}
    rows = conn.execute(OUTCOMES, parameters).fetchall()
    faults: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for status, _ready, input_fault, reason, count in rows:
        if status == "failed":
            (faults if input_fault else others)[reason] += count
    (open_jobs,) = _row(conn, OPEN, parameters)

    def count_of(status: str) -> int:
        return sum(row[4] for row in rows if row[0] == status)

    return {
        "queued": sum(row[4] for row in rows),
        "completed": count_of("completed"),
        "cancelled": count_of("cancelled"),
        "input_faults": faults.total(),
        "input_faults_by_reason": dict(sorted(faults.items())),
        "failed_otherwise": others.total(),
        "failed_otherwise_by_reason": dict(sorted(others.items())),
        "pending": count_of("pending"),
        "in_backoff": sum(row[4] for row in rows if row[0] == "pending" and not row[1]),
        "processing": count_of("processing"),
        "open_jobs": open_jobs,
        "drained": open_jobs == 0,
    }


def _row(conn: Connection, query: Any, parameters: dict[str, Any]) -> tuple[Any, ...]:
    row = conn.execute(query, parameters).fetchone()
    assert row is not None  # every query here is an aggregate
    return row
