"""The review queue: groups that a person should look at, and why. Flags go when their reasons go."""

from __future__ import annotations

from typing import Any

from pipeline.database import Connection, Database
from pipeline.linking import groups, revisions

LOW_CONFIDENCE = 0.7
LARGEST_GROUP = 50
# A short number in a few places may be one part; in many it is a count that everyone starts at 1.
SUSPICIOUS_PLACES = 5

CREATE_CHANGES = """
    CREATE TEMP TABLE review_changes ON COMMIT DROP AS
    WITH member AS (
        SELECT member.group_id, member.document_revision AS revision, member.sheet, member.method, blob.file_name
        FROM document_group_members AS member
        JOIN document_groups AS groups ON groups.tenant_id = member.tenant_id AND groups.group_id = member.group_id
        JOIN blob_inventory AS blob ON blob.tenant_id = member.tenant_id AND blob.blob_id = member.blob_id
        WHERE member.tenant_id = %(tenant)s AND groups.member_count > 1 AND member.is_latest
    ), revisions AS (
        SELECT group_id, upper(left(min(revision COLLATE "C"), 12)) AS first, upper(left(max(revision COLLATE "C"), 12)) AS last
        FROM member
        WHERE revision IS NOT NULL
        GROUP BY group_id
        HAVING min(revision COLLATE "C") <> max(revision COLLATE "C")
    ), sheets AS (
        SELECT DISTINCT group_id
        FROM member
        WHERE lower(right(file_name, 4)) = '.pdf' AND method <> 'duplicate'
        GROUP BY group_id, sheet, revision
        HAVING count(*) > 1
    ), apart AS (
        SELECT drawing_key
        FROM document_group_members
        WHERE tenant_id = %(tenant)s AND key_strength = 1
        GROUP BY drawing_key
        HAVING min(group_id::text) <> max(group_id::text) AND count(DISTINCT group_id) <= %(places)s
    ), elsewhere AS (
        SELECT DISTINCT member.group_id
        FROM document_group_members AS member
        JOIN apart ON apart.drawing_key = member.drawing_key
        WHERE member.tenant_id = %(tenant)s AND member.key_strength = 1
    ), findings AS (
        SELECT member.group_id, string_agg(DISTINCT found.reason, '; ') AS reasons
        FROM document_group_findings AS found
        JOIN document_group_members AS member ON member.tenant_id = found.tenant_id AND member.blob_id = found.blob_id
        WHERE found.tenant_id = %(tenant)s
        GROUP BY member.group_id
    ), wanted AS (
        SELECT groups.group_id, nullif(concat_ws('; ',
            CASE WHEN revisions.group_id IS NOT NULL
                 THEN 'members disagree on the revision (' || revisions.first || ', ' || revisions.last || ')' END,
            CASE WHEN sheets.group_id IS NOT NULL THEN 'two different PDFs of the same sheet' END,
            CASE WHEN groups.confidence < %(low)s THEN 'linked on weak evidence' END,
            CASE WHEN groups.member_count > %(largest)s THEN 'more than ' || %(largest)s || ' members' END,
            CASE WHEN groups.other_project_codes IS NOT NULL THEN 'members of several projects' END,
            CASE WHEN elsewhere.group_id IS NOT NULL THEN 'the same number in other folders, kept apart' END,
            CASE WHEN groups.group_key LIKE '%% (not confirmed)' THEN 'a confirmed group bears the same key' END,
            findings.reasons
        ), '') AS reason
        FROM document_groups AS groups
        LEFT JOIN revisions ON revisions.group_id = groups.group_id
        LEFT JOIN sheets ON sheets.group_id = groups.group_id
        LEFT JOIN elsewhere ON elsewhere.group_id = groups.group_id
        LEFT JOIN findings ON findings.group_id = groups.group_id
        WHERE groups.tenant_id = %(tenant)s AND groups.method <> 'manual'
    )
    SELECT wanted.group_id, wanted.reason
    FROM wanted
    JOIN document_groups AS groups ON groups.group_id = wanted.group_id
    WHERE groups.review_reason IS DISTINCT FROM wanted.reason
"""
UPDATE_FLAGS = """
    UPDATE document_groups AS groups
    SET needs_review = change.reason IS NOT NULL, review_reason = change.reason, updated_at = now()
    FROM review_changes AS change
    WHERE groups.tenant_id = %(tenant)s AND groups.group_id = change.group_id
"""
COUNT_CHANGES = """
    SELECT count(*) FILTER (WHERE change.reason IS NOT NULL), count(*) FILTER (WHERE change.reason IS NULL)
    FROM review_changes AS change
"""
COUNT_FLAGGED = "SELECT count(*) FROM document_groups WHERE tenant_id = %(tenant)s AND needs_review"


def flag_for_review(database: Database, *, tenant_id: str, dry_run: bool = False) -> dict[str, Any]:
    """Set and clear the review flags of all groups but those that a person confirmed; returns counts."""
    with database.session("A5 review flags") as session:
        return session.run(lambda conn: _flag(conn, tenant_id, dry_run))


def _flag(conn: Connection, tenant_id: str, dry_run: bool) -> dict[str, Any]:
    groups.lock(conn, tenant_id)
    if dry_run:
        return flag(conn, tenant_id, dry_run=True)
    marked = revisions.mark_revisions(conn, tenant_id, read=False)
    return {**flag(conn, tenant_id), "files_superseded": marked["files_superseded"]}


def flag(conn: Connection, tenant_id: str, *, dry_run: bool = False) -> dict[str, Any]:
    """As `flag_for_review`, inside the caller's transaction and under its lock."""
    given = {"tenant": tenant_id, "low": LOW_CONFIDENCE, "largest": LARGEST_GROUP, "places": SUSPICIOUS_PLACES}
    conn.execute(groups.MEMORY)
    conn.execute(CREATE_CHANGES, given)
    flagged, cleared = conn.execute(COUNT_CHANGES).fetchone() or (0, 0)
    if not dry_run:
        conn.execute(UPDATE_FLAGS, given)
    in_review = conn.execute(COUNT_FLAGGED, given).fetchone()
    figures = {"groups_flagged_or_changed": flagged, "groups_cleared": cleared,
               "groups_in_review": in_review[0] if in_review else 0}
    return {**figures, "dry_run": True} if dry_run else figures
