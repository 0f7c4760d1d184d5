"""The link report: how many files were linked, how surely, and what waits for a person. Markdown and JSON."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

from pipeline.database import Connection, Database

TOTALS = """
    SELECT count(*), coalesce(sum(member_count), 0)::bigint, count(*) FILTER (WHERE member_count = 1),
           count(*) FILTER (WHERE needs_review), count(*) FILTER (WHERE project_code IS NOT NULL)
    FROM document_groups
    WHERE tenant_id = %(tenant)s
"""
SUPERSEDED = "SELECT count(*) FROM document_group_members WHERE tenant_id = %(tenant)s AND NOT is_latest"
UNLINKED = """
    SELECT count(*)
    FROM blob_inventory AS blob
    LEFT JOIN document_group_members AS member ON member.tenant_id = blob.tenant_id AND member.blob_id = blob.blob_id
    WHERE blob.tenant_id = %(tenant)s AND blob.status <> 'deleted' AND member.blob_id IS NULL
"""
TABLES = {
    "groups_by_method": """
        SELECT method, count(*) FROM document_groups WHERE tenant_id = %(tenant)s GROUP BY method ORDER BY count(*) DESC, method
    """,
    "members_by_method": """
        SELECT method, count(*)
        FROM document_group_members
        WHERE tenant_id = %(tenant)s
        GROUP BY method
        ORDER BY count(*) DESC, method
    """,
    "evidence": """
        SELECT regexp_replace(coalesce(reason, 'none'), ' \\(.*\\)$', ''), count(*)
        FROM document_group_members
        WHERE tenant_id = %(tenant)s
        GROUP BY 1
        ORDER BY count(*) DESC, 1
        LIMIT 50
    """,
    "contradictions": """
        SELECT kind, count(*)
        FROM document_group_findings
        WHERE tenant_id = %(tenant)s
        GROUP BY kind
        ORDER BY count(*) DESC, kind
    """,
    "linked_groups_by_confidence": """
        SELECT CASE WHEN confidence >= 0.9 THEN '0.90 and more' WHEN confidence >= 0.8 THEN '0.80 to 0.89'
                    WHEN confidence >= 0.7 THEN '0.70 to 0.79' ELSE 'below 0.70' END AS band, count(*)
        FROM document_groups
        WHERE tenant_id = %(tenant)s AND member_count > 1
        GROUP BY band
        ORDER BY min(confidence) DESC
    """,
    "groups_by_size": """
        SELECT CASE WHEN member_count <= 5 THEN member_count::text WHEN member_count <= 10 THEN '6 to 10'
                    WHEN member_count <= 50 THEN '11 to 50' ELSE 'more than 50' END AS size, count(*)
        FROM document_groups
        WHERE tenant_id = %(tenant)s
        GROUP BY size
        ORDER BY min(member_count)
    """,
    "review_reasons": """
        SELECT regexp_replace(one.reason, ' \\(.*\\)$', '') AS kind, count(*)
        FROM document_groups, regexp_split_to_table(review_reason, '; ') AS one (reason)
        WHERE tenant_id = %(tenant)s AND needs_review
        GROUP BY kind
        ORDER BY count(*) DESC, kind
    """,
    "review_queue": """
        SELECT left(group_key, 120) || ': ' || left(review_reason, 200), member_count
        FROM document_groups
        WHERE tenant_id = %(tenant)s AND needs_review
        ORDER BY confidence, group_key COLLATE "C"
        LIMIT 50
    """,
    "project_codes": """
        SELECT project_code, count(*)
        FROM document_groups
        WHERE tenant_id = %(tenant)s AND project_code IS NOT NULL
        GROUP BY project_code
        ORDER BY count(*) DESC, project_code COLLATE "C"
        LIMIT 50
    """,
    "largest_groups": """
        SELECT left(group_key, 200), member_count
        FROM document_groups
        WHERE tenant_id = %(tenant)s AND member_count > 1
        ORDER BY member_count DESC, group_key COLLATE "C"
        LIMIT 20
    """,
}
TITLES = {
    "groups_by_method": "Groups by method", "members_by_method": "Files by method", "evidence": "Files by what linked them",
    "contradictions": "Read inside the files against their groups", "review_queue": "For review (the 50 least sure, with their files)",
    "linked_groups_by_confidence": "Groups of two and more files, by confidence", "groups_by_size": "Groups by number of files",
    "review_reasons": "For review, by reason", "project_codes": "Project codes (the 50 most frequent)",
    "largest_groups": "Largest groups",
}


def link_report(database: Database, *, tenant_id: str, report_dir: Path, dry_run: bool = False) -> dict[str, Any]:
    """Write link_report.md and link_report.json into `report_dir`; returns the figures, without the paths."""
    with database.session("A6 link report") as session:
        figures = session.run(lambda conn: _figures(conn, tenant_id))
    if not dry_run:
        report_dir.mkdir(parents=True, exist_ok=True)
        _write(report_dir / "link_report.json", json.dumps(figures, indent=2, ensure_ascii=False) + "\n")
        _write(report_dir / "link_report.md", markdown(figures))
    return figures


def _figures(conn: Connection, tenant_id: str) -> dict[str, Any]:
    tenant = {"tenant": tenant_id}
    groups, files, singles, review, coded = conn.execute(TOTALS, tenant).fetchone() or (0, 0, 0, 0, 0)
    unlinked = conn.execute(UNLINKED, tenant).fetchone()
    superseded = conn.execute(SUPERSEDED, tenant).fetchone()
    figures: dict[str, Any] = {
        "document_groups": groups, "files_in_groups": files, "files_alone": singles, "files_linked_to_others": files - singles,
        "files_in_no_group": unlinked[0] if unlinked else 0, "files_superseded": superseded[0] if superseded else 0,
        "groups_for_review": review, "groups_with_project_code": coded}
    for name, query in TABLES.items():
        figures[name] = [[str(key), count] for key, count in conn.execute(query, tenant)]
    return figures


def _write(path: Path, text: str) -> None:
    """Whole or not at all: two machines may report into one folder."""
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    partial.write_text(text, encoding="utf-8", newline="\n")
    partial.replace(path)


def markdown(figures: dict[str, Any]) -> str:
    """The report for a person."""
    lines = ["# Link report", ""]
    lines += [f"- {name.replace('_', ' ')}: {value:,}" for name, value in figures.items() if isinstance(value, int)]
    for name, title in TITLES.items():
        lines += ["", f"## {title}", ""]
        rows = figures[name]
        lines += ["| | count |", "|---|---:|", *(f"| {_cell(key)} | {count:,} |" for key, count in rows)] if rows else ["None."]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("\r", " ")
