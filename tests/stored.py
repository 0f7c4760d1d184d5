"""Files in the inventory with what a reader would have found in them, stored the way a worker stores it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from pipeline.database import DEFAULT_TENANT, Connection
from pipeline.extract.model import Dimension, Drawing, Json, Material, MetadataField, Outline, Page, Place
from pipeline.extract.options import ReadOptions
from pipeline.store.drawings import drawing_rows, store_drawings
from pipeline.store.item import StoreItem

HERE = Place(1, (10.0, 20.0, 60.0, 30.0))


def field(name: str, value: str, *, page: int = 1, confidence: float = 0.9, normalised: str | None = None) -> MetadataField:
    return MetadataField(name, value, value, Place(page, HERE.bbox), "title_block", confidence, normalised=normalised)


def dimension(raw_text: str, nominal: float | None, unit: str | None = None, *, kind: str = "linear", **more: Any) -> Dimension:
    return Dimension(kind, raw_text, HERE, "text_layer", 0.8, nominal=nominal, unit=unit, **more)


def material(raw_text: str, designation: str | None = None, family: str | None = None) -> Material:
    return Material(raw_text, HERE, "title_block", 0.9, designation=designation, family=family)


def outline(width: float, height: float) -> Outline:
    return Outline(Place(1, None, "2F", "0"), "contour", 0.9, width, height, 2 * (width + height), width * height, 0)


def drawing(kind: str = "pdf", *fields: MetadataField, properties: dict[str, Json] | None = None, **more: Any) -> Drawing:
    pages = (Page(1, "words", "text_layer"),)
    return Drawing(kind, 1, True, pages, metadata=fields, properties=properties or {}, **more)


def add_file(conn: Connection, key: str, *, tenant: str = DEFAULT_TENANT, status: str = "extracted") -> UUID:
    """A file of the inventory without results."""
    row = conn.execute(
        "INSERT INTO blob_inventory (tenant_id, blob_key, file_name, size_bytes, status, byte_hash_sha256, status_reason)"
        " VALUES (%s, %s, %s, 1, %s, %s, 'made by a test') RETURNING blob_id",
        (tenant, key, key.rpartition("/")[2], status, hashlib.sha256(f"{tenant}{key}".encode()).hexdigest())).fetchone()
    assert row is not None
    blob_id: UUID = row[0]
    return blob_id


def store(conn: Connection, key: str, found: Drawing, *, tenant: str = DEFAULT_TENANT) -> UUID:
    """The file's results replace those of an earlier call; returns its blob_id."""
    row = conn.execute("SELECT blob_id FROM blob_inventory WHERE tenant_id = %s AND blob_key = %s", (tenant, key)).fetchone()
    blob_id: UUID = row[0] if row else add_file(conn, key, tenant=tenant)
    with conn.transaction():
        store_drawings(conn, [StoreItem(UUID(tenant), blob_id, uuid4(), "main", key, "0" * 64, drawing_rows(found))])
    return blob_id


def group(conn: Connection, key: str, blobs: Sequence[UUID], *, tenant: str = DEFAULT_TENANT, drawing_key: str = "part",
          strength: int = 0, revision: str | None = None, project: str | None = None) -> UUID:
    """A group of these files; they leave the groups that they were in."""
    row = conn.execute("INSERT INTO document_groups (tenant_id, group_key, method, confidence, member_count, project_code)"
                       " VALUES (%s, %s, 'base_name', 1, %s, %s) RETURNING group_id", (tenant, key, len(blobs), project)).fetchone()
    assert row is not None
    for blob_id in blobs:
        conn.execute(
            "INSERT INTO document_group_members (tenant_id, blob_id, group_id, method, confidence, drawing_key, revision, key_strength)"
            " VALUES (%s, %s, %s, 'base_name', 1, %s, %s, %s)"
            " ON CONFLICT (tenant_id, blob_id) DO UPDATE SET group_id = excluded.group_id",
            (tenant, blob_id, row[0], drawing_key, revision, strength))
    group_id: UUID = row[0]
    return group_id


def read_plainly(data: bytes, options: ReadOptions) -> Drawing:
    """A reader whose sheets have the file's text for a title."""
    return drawing("pdf", field("title", data.decode()))


def read_better(data: bytes, options: ReadOptions) -> Drawing:
    """The next release's reader: it finds a revision as well."""
    return drawing("pdf", field("title", data.decode()), field("revision", "B"))
