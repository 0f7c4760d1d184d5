"""Which files of a group are the latest revision of their drawing, and which are superseded by what.

A group holds a part with all its revisions. Within it, the files of one number, sheet and format are one line of revisions: a PDF
of revision B supersedes the PDF of revision A, never the STEP file of revision A. What a title block states goes before what the
file name says; copies of one content are one file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from operator import itemgetter
from typing import NamedTuple

from pipeline.database import Connection
from pipeline.linking import groups
from pipeline.linking.places import suffix_of
from pipeline.linking.revision_order import order_revisions, parse_revision

PAGE = 5_000

# The first page that states a revision speaks for its file. The word before it and its case are form, not value.
UPDATE_STATED = """
    WITH stated AS (
        SELECT DISTINCT ON (blob_id) blob_id,
               upper(left(btrim(regexp_replace(value, '^(revision|rev|index|issue|ausgabe|version)[\\s.:_-]+', '', 'i')), 20)) AS value
        FROM extracted_metadata
        WHERE tenant_id = %(tenant)s AND field = 'revision' AND value <> ''
        ORDER BY blob_id, page_number, confidence DESC
    ), wanted AS (
        SELECT member.blob_id, coalesce(stated.value, upper(member.revision)) AS revision,
               CASE WHEN stated.value IS NOT NULL THEN 'title_block' WHEN member.revision IS NOT NULL THEN 'file_name' END AS source
        FROM document_group_members AS member
        JOIN blob_inventory AS blob ON blob.tenant_id = member.tenant_id AND blob.blob_id = member.blob_id
        LEFT JOIN stated ON stated.blob_id = CASE WHEN blob.status = 'duplicate' THEN blob.duplicate_of ELSE blob.blob_id END
        WHERE member.tenant_id = %(tenant)s
    )
    UPDATE document_group_members AS member
    SET document_revision = wanted.revision, revision_source = wanted.source
    FROM wanted
    WHERE member.tenant_id = %(tenant)s AND member.blob_id = wanted.blob_id
      AND (member.document_revision, member.revision_source) IS DISTINCT FROM (wanted.revision, wanted.source)
"""
# Groups whose files bear several revisions, with the number and the date that their title blocks state.
LINES = """
    WITH several AS (
        SELECT group_id
        FROM document_group_members
        WHERE tenant_id = %(tenant)s AND document_revision IS NOT NULL
        GROUP BY group_id
        HAVING min(document_revision COLLATE "C") <> max(document_revision COLLATE "C")
    )
    SELECT member.group_id::text, member.blob_id::text,
           CASE WHEN blob.status = 'duplicate' THEN blob.duplicate_of ELSE blob.blob_id END::text AS content, blob.file_name,
           CASE WHEN strpos(member.drawing_key, '~') > 0 THEN member.drawing_key
                ELSE coalesce(member.base_key, member.drawing_key) END AS part,
           member.sheet, member.document_revision,
           (SELECT found.normalised FROM extracted_metadata AS found
            WHERE found.tenant_id = %(tenant)s AND found.field = 'date' AND found.normalised IS NOT NULL
              AND found.blob_id = CASE WHEN blob.status = 'duplicate' THEN blob.duplicate_of ELSE blob.blob_id END
            ORDER BY found.page_number LIMIT 1) AS date
    FROM several
    JOIN document_group_members AS member ON member.tenant_id = %(tenant)s AND member.group_id = several.group_id
    JOIN blob_inventory AS blob ON blob.tenant_id = member.tenant_id AND blob.blob_id = member.blob_id
    ORDER BY member.group_id, blob.blob_key COLLATE "C"
"""
NAMED_OTHERWISE = """
    SELECT blob_id::text, upper(revision), document_revision
    FROM document_group_members
    WHERE tenant_id = %(tenant)s AND revision_source = 'title_block' AND upper(revision) <> document_revision AND method <> 'duplicate'
    ORDER BY blob_id
"""
CREATE_MARKS = """
    CREATE TEMP TABLE revision_marks (
        blob_id uuid PRIMARY KEY, rank integer, superseded_by uuid
    ) ON COMMIT DROP
"""
COPY_MARKS = "COPY revision_marks FROM STDIN"
UPDATE_MARKS = """
    UPDATE document_group_members AS member
    SET revision_rank = mark.rank, superseded_by = mark.superseded_by, is_latest = mark.superseded_by IS NULL
    FROM revision_marks AS mark
    WHERE member.tenant_id = %(tenant)s AND member.blob_id = mark.blob_id
      AND (member.revision_rank, member.superseded_by, member.is_latest)
          IS DISTINCT FROM (mark.rank, mark.superseded_by, mark.superseded_by IS NULL)
"""
CLEAR_MARKS = """
    UPDATE document_group_members AS member
    SET revision_rank = NULL, superseded_by = NULL, is_latest = true
    WHERE member.tenant_id = %(tenant)s AND (member.revision_rank IS NOT NULL OR NOT member.is_latest)
      AND NOT EXISTS (SELECT FROM revision_marks AS mark WHERE mark.blob_id = member.blob_id)
"""
COUNTS = """
    SELECT count(*) FILTER (WHERE NOT is_latest), count(DISTINCT group_id) FILTER (WHERE NOT is_latest)
    FROM document_group_members
    WHERE tenant_id = %(tenant)s AND (revision_rank IS NOT NULL OR NOT is_latest)
"""

_SAME_FORMAT = {"stp": "step", "igs": "iges", "tiff": "tif"}


class Issue(NamedTuple):
    """One file of a group. `content` is the same for copies; `date` is ISO 8601."""

    blob_id: str
    content: str
    file_name: str
    part: str
    sheet: str | None
    revision: str | None
    date: str | None


class Mark(NamedTuple):
    blob_id: str
    rank: int
    superseded_by: str | None


def mark_revisions(conn: Connection, tenant_id: str, *, read: bool = True) -> dict[str, int]:
    """Bring every member's revision, its rank and what supersedes it up to date; returns counts.

    read  take over what the title blocks state; without it the revisions stay as they were found before

    Runs inside the caller's transaction, under `groups.lock`.
    """
    tenant = {"tenant": tenant_id}
    conn.execute(groups.MEMORY)
    restated = conn.execute(UPDATE_STATED, tenant).rowcount if read else 0
    conn.execute(CREATE_MARKS)
    marks = _marks(conn, tenant_id)
    while page := list(islice(marks, PAGE)):
        with conn.cursor() as cursor, cursor.copy(COPY_MARKS) as copy:
            for mark in page:
                copy.write_row(mark)
    conn.execute("ANALYZE revision_marks")
    changed = conn.execute(UPDATE_MARKS, tenant).rowcount + conn.execute(CLEAR_MARKS, tenant).rowcount
    conn.execute("DROP TABLE revision_marks")
    superseded, drawings = conn.execute(COUNTS, tenant).fetchone() or (0, 0)
    return {"revisions_restated": restated, "revision_marks_changed": changed, "files_superseded": superseded,
            "groups_with_superseded_files": drawings}


def contradicted(conn: Connection, tenant_id: str) -> Iterator[tuple[str, str, str, str]]:
    """(blob, kind, reason, what was read) of files whose name bears another revision than their title block."""
    for blob_id, named, stated in conn.execute(NAMED_OTHERWISE, {"tenant": tenant_id}).fetchall():
        one, other = parse_revision(named), parse_revision(stated)
        if one and other and one.scheme == other.scheme and one != other:
            shown = stated.replace(";", ",")
            yield blob_id, "revision_differs", f"its title block states another revision than its name ({named}, {shown})", stated


def _marks(conn: Connection, tenant_id: str) -> Iterator[Mark]:
    with conn.cursor(name="revision_lines") as cursor:
        cursor.itersize = 10_000
        cursor.execute(LINES, {"tenant": tenant_id})
        for _, rows in groupby(cursor, key=itemgetter(0)):
            yield from marks_of([Issue(*row[1:]) for row in rows])


def marks_of(issues: Iterable[Issue]) -> list[Mark]:
    """The marks of one group's files; files that stand in no order of revisions get none."""
    lines: dict[tuple[str, str, str | None], list[Issue]] = defaultdict(list)
    contents: dict[str, Issue] = {}
    copies: dict[str, list[str]] = defaultdict(list)
    for issue in issues:
        copies[issue.content].append(issue.blob_id)
        if issue.blob_id == issue.content or issue.content not in contents:
            contents[issue.content] = issue
    for issue in contents.values():
        suffix = suffix_of(issue.file_name)
        lines[issue.part, _SAME_FORMAT.get(suffix, suffix), issue.sheet].append(issue)
    return [Mark(blob_id, mark.rank, mark.superseded_by) for line in lines.values() for mark in _rank(line)
            for blob_id in copies[mark.blob_id]]


def _rank(line: list[Issue]) -> list[Mark]:
    """Marks of contents, in the order of revisions. A file without a revision has no place among those that bear one."""
    dates: dict[str, str | None] = {}
    for issue in line:
        if issue.revision is not None:
            dates[issue.revision] = max(filter(None, (dates.get(issue.revision), issue.date)), default=None)
    order = order_revisions(dates) if len(dates) > 1 else None
    if order is None or len(order) < 2:
        return []
    ranks = {text: rank for rank, texts in enumerate(order, start=1) for text in texts}
    newest = min((issue for issue in line if issue.revision is not None and ranks[issue.revision] == len(order)),
                 key=lambda issue: issue.file_name)
    return [Mark(issue.content, ranks[issue.revision], None if ranks[issue.revision] == len(order) else newest.content)
            for issue in line if issue.revision is not None]
