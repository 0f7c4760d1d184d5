"""What extraction brought: files, jobs, faults, coverage against the targets, speed. Figures first, then words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, LiteralString

from pipeline.database import Connection
from pipeline.observe import checkpoints, extraction_quality
from pipeline.observe.extraction_quality import Figures, share, target
from pipeline.observe.reports import table

UNSUPPORTED: LiteralString = """
    SELECT coalesce(mime_type, 'unknown'), count(*)
    FROM blob_inventory
    WHERE tenant_id = %(tenant)s AND status = 'unsupported'
    GROUP BY 1
    ORDER BY count(*) DESC, 1
"""

FILES: LiteralString = """
    SELECT count(*) FILTER (WHERE status = 'extracted'), count(*) FILTER (WHERE status = 'extracted' AND partial),
           count(DISTINCT byte_hash_sha256) FILTER (WHERE status = 'extracted' AND NOT external_references AND size_bytes > 0),
           count(byte_hash_sha256) FILTER (WHERE status = 'extracted' AND NOT external_references AND size_bytes > 0)
    FROM blob_inventory
    WHERE tenant_id = %(tenant)s
"""

JOBS: LiteralString = """
    SELECT job_type, status, count(*)
    FROM extraction_jobs
    WHERE tenant_id = %(tenant)s AND job_type = ANY (ARRAY (SELECT job_type FROM job_types WHERE phase = 'B'))
    GROUP BY job_type, status
    ORDER BY job_type, status
"""

DEAD_LETTERS: LiteralString = """
    SELECT job_type, coalesce(error_kind, 'unknown'), coalesce(error_reason, 'unknown'), count(*)
    FROM extraction_jobs
    WHERE tenant_id = %(tenant)s AND status = 'failed' AND error_kind IS NOT NULL
    GROUP BY 1, 2, 3
    ORDER BY count(*) DESC, 1, 2, 3
"""

FIELDS: LiteralString = """
    SELECT field, count(DISTINCT blob_id), count(*)
    FROM extracted_metadata
    WHERE tenant_id = %(tenant)s
    GROUP BY field
    ORDER BY count(DISTINCT blob_id) DESC, field
"""

DIMENSIONS: LiteralString = """
    SELECT kind, count(*), count(DISTINCT blob_id)
    FROM extracted_dimensions
    WHERE tenant_id = %(tenant)s
    GROUP BY kind
    ORDER BY count(*) DESC, kind
"""

# Pauses between runs are no work: only minutes in which something was completed count.
SPEED: LiteralString = """
    SELECT job_type, count(*), count(DISTINCT date_trunc('minute', completed_at)),
           round(percentile_cont(0.5) WITHIN GROUP (ORDER BY processing_time_ms))::bigint,
           round(percentile_cont(0.95) WITHIN GROUP (ORDER BY processing_time_ms))::bigint,
           max(processing_time_ms)
    FROM extraction_jobs
    WHERE tenant_id = %(tenant)s AND status = 'completed'
    GROUP BY job_type
    ORDER BY job_type
"""

RETRIES: LiteralString = """
    SELECT outcome, coalesce(error_reason, 'unknown'), count(*), count(DISTINCT id)
    FROM extraction_attempts
    WHERE tenant_id = %(tenant)s AND outcome <> 'permanent'
    GROUP BY 1, 2
    ORDER BY count(*) DESC, 1, 2
"""


# What the tables of documents show of their sums, and the words for it.
_COUNTED = {
    "documents": "documents", "pages": "pages", "with_text": "with text", "drawings": "drawings",
    "with_title_block": "named by title block", "with_dimensions": "with dimensions", "with_bom": "with parts list",
    "with_ocr": "by OCR", "partly_read": "partly read",
}


def read(conn: Connection, tenant_id: str) -> tuple[bool, Figures, Figures]:
    """Whether checkpoint B is reached, its figures, and those of the report."""
    passed, checkpoint = checkpoints.judge(conn, "b", tenant_id)
    coverage = extraction_quality.coverage(conn, tenant_id)
    duplicates_pct, partly_read = _files(conn, tenant_id)
    figures = {
        "files": checkpoint["files"],
        "files_by_status": checkpoint["files_by_status"],
        "files_add_up": checkpoint["files_add_up"],
        "files_partly_read": partly_read,
        "pages": sum(kind["pages"] for kind in coverage.values()),
        "targets": [*extraction_quality.targets(coverage, checkpoint["completed_pct"], checkpoint["expected"]),
                    target("content read twice", duplicates_pct, "<", 3, checkpoint["files"])],
        "jobs": _nested(conn, JOBS, tenant_id),
        "dead_letters": [dict(zip(("job_type", "kind", "reason", "jobs"), row, strict=True))
                         for row in conn.execute(DEAD_LETTERS, {"tenant": tenant_id})],
        "coverage": coverage,
        "by_program": extraction_quality.by_program(conn, tenant_id),
        "by_folder": extraction_quality.by_folder(conn, tenant_id),
        "worst_files": extraction_quality.worst_files(conn, tenant_id),
        "fields": {field: {"files": files, "values": values}
                   for field, files, values in conn.execute(FIELDS, {"tenant": tenant_id})},
        "dimensions": {kind: {"values": values, "files": files}
                       for kind, values, files in conn.execute(DIMENSIONS, {"tenant": tenant_id})},
        "unsupported_by_mime_type": dict(conn.execute(UNSUPPORTED, {"tenant": tenant_id}).fetchall()),
        "speed": _speed(conn, tenant_id),
        "retries": [dict(zip(("outcome", "reason", "attempts", "jobs"), row, strict=True))
                    for row in conn.execute(RETRIES, {"tenant": tenant_id})],
    }
    return passed, checkpoint, figures


def headline(figures: Figures) -> Figures:
    """The few figures that stand on the screen."""
    return {
        "files": figures["files"], "pages": figures["pages"],
        "fields": sum(field["values"] for field in figures["fields"].values()),
        "dimensions": sum(kind["values"] for kind in figures["dimensions"].values()),
        "dead_letters": sum(row["jobs"] for row in figures["dead_letters"]),
        "by_status": figures["files_by_status"],
        "targets": {target["name"]: _verdict(target) for target in figures["targets"]},
    }


def markdown(passed: bool, checkpoint: Figures, figures: Figures) -> str:
    """The report for a person."""
    lines = [
        "# Extraction report", "",
        f"Checkpoint B **{'passed' if passed else 'failed'}**: {checkpoint['completed']:,} of {checkpoint['expected']:,} "
        f"expected jobs completed; {checkpoint['input_faults']:,} files with faults of their own, "
        f"{checkpoint['failed_otherwise']:,} failed otherwise, {checkpoint['open_jobs']:,} open.", "",
        f"{figures['files']:,} files; their states {'add up' if figures['files_add_up'] else 'DO NOT ADD UP'}. "
        f"{figures['files_partly_read']:,} of the extracted ones could be read in part only."]
    for title, header, rows in _sections(figures):
        lines += ["", f"## {title}", "", *table(header, rows)]
    return "\n".join(lines) + "\n"


def _sections(figures: Figures) -> Iterator[tuple[str, Sequence[str], Iterable[Sequence[Any]]]]:
    """Title, header and rows of each table."""
    yield "Targets", ("target", "measured", "wanted", "of"), (
        (target["name"], _verdict(target), f"{target['comparison']} {target['target_pct']} %", target["of"])
        for target in figures["targets"])
    yield "Files by state", ("state", "files"), figures["files_by_status"].items()
    yield "Jobs", ("type", "status", "jobs"), (
        (name, status, count) for name, by_status in figures["jobs"].items() for status, count in by_status.items())
    yield "Dead letters", ("reason", "kind", "type", "jobs"), _columns(
        figures["dead_letters"], "reason", "kind", "job_type", "jobs")
    for title, name in (("Coverage", "coverage"), ("By producer program", "by_program"), ("By source folder", "by_folder")):
        yield title, ("", *_COUNTED.values()), ((key, *(found[count] for count in _COUNTED)) for key, found in figures[name].items())
    yield "The files to look at first", ("file", "points", "why", "program"), (
        (row["file"], row["points"], "; ".join(row["reasons"]), row["program"]) for row in figures["worst_files"])
    yield "Fields", ("field", "files", "values"), ((name, *found.values()) for name, found in figures["fields"].items())
    yield "Dimensions", ("kind", "values", "files"), ((name, *found.values()) for name, found in figures["dimensions"].items())
    yield "Formats that no step reads yet", ("type", "files"), figures["unsupported_by_mime_type"].items()
    yield "Speed", ("type", "completed", "a minute at work", "median ms", "95 % within ms", "longest ms"), (
        (name, *found.values()) for name, found in figures["speed"].items())
    yield "Attempts that were repeated", ("reason", "outcome", "attempts", "jobs"), _columns(
        figures["retries"], "reason", "outcome", "attempts", "jobs")


def _columns(rows: Iterable[Figures], *names: str) -> Iterator[list[Any]]:
    return ([row[name] for name in names] for row in rows)


def _verdict(target: Figures) -> str:
    if target["met"] is None:
        return "nothing to judge"
    return f"{_pct(target['measured_pct'])}, {'met' if target['met'] else 'missed'}"


def _pct(value: float | None) -> str:
    return "-" if value is None else f"{value:g} %"


def _files(conn: Connection, tenant_id: str) -> tuple[float | None, int]:
    """Share of extracted files whose content another file had brought already, and how many were read in part."""
    row = conn.execute(FILES, {"tenant": tenant_id}).fetchone()
    assert row is not None
    _extracted, partly, contents, hashed = row
    return share(hashed - contents, hashed), partly


def _nested(conn: Connection, query: LiteralString, tenant_id: str) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for outer, inner, count in conn.execute(query, {"tenant": tenant_id}):
        found.setdefault(outer, {})[inner] = count
    return found


def _speed(conn: Connection, tenant_id: str) -> dict[str, Figures]:
    return {name: {"completed": completed, "per_working_minute": round(completed / max(minutes, 1)), "median_ms": median,
                   "p95_ms": p95, "longest_ms": longest}
            for name, completed, minutes, median, p95, longest in conn.execute(SPEED, {"tenant": tenant_id})}
