"""Read what the files of some groups say: a handful of queries for any number of groups."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, LiteralString
from uuid import UUID

from pipeline.database import Connection
from pipeline.extract.bom_headers import load_headers
from pipeline.extract.field_normal import grams_of
from pipeline.extract.normalise import clean_line
from pipeline.index.evidence import FILE_NAME, FileEvidence, Finding, PartsList, Source, Statement, comparison_key
from pipeline.linking.keys import Strength, normalised, without_revision

Row = tuple[Any, ...]

MOST_STATEMENTS = 200  # of one file: a book of drawings says each field once a page
NAME_CONFIDENCE = 0.3
SUFFIX_SHARE = 0.6  # that the letter behind a number is its revision, where the number itself is right
CAD_CONFIDENCE = 0.8

# Older revisions do not speak for the part; duplicates say nothing that their original does not say.
MEMBERS: LiteralString = """
    SELECT member.group_id, member.blob_id, blob.blob_key, blob.file_name, document.kind, document.properties ->> 'unit',
           member.key_strength, member.revision, member.drawing_key,
           EXISTS (SELECT FROM cad_models AS model WHERE model.tenant_id = member.tenant_id AND model.blob_id = member.blob_id)
    FROM document_group_members AS member
    JOIN blob_inventory AS blob ON blob.tenant_id = member.tenant_id AND blob.blob_id = member.blob_id
    LEFT JOIN documents AS document ON document.tenant_id = member.tenant_id AND document.blob_id = member.blob_id
    WHERE member.tenant_id = %(tenant)s AND member.group_id = ANY (%(groups)s) AND member.is_latest
      AND blob.status NOT IN ('deleted', 'duplicate')
    ORDER BY member.group_id, member.blob_id
"""

FIELDS: LiteralString = """
    SELECT blob_id, field, left(value, 1000), normalised, method, confidence, page_number, bbox, entity_handle, layer
    FROM extracted_metadata
    WHERE tenant_id = %(tenant)s AND blob_id = ANY (%(blobs)s) AND value IS NOT NULL AND field NOT IN ('sheet', 'sheets')
    ORDER BY blob_id, page_number, field
"""

MATERIALS: LiteralString = """
    SELECT blob_id, raw_text, designation, family, treatment, thickness_mm, method, confidence, page_number, bbox, entity_handle, layer
    FROM extracted_materials
    WHERE tenant_id = %(tenant)s AND blob_id = ANY (%(blobs)s)
    ORDER BY blob_id, id
"""

# Of each file the largest outline, and how many more there are of its order: a nest or a layout is no part.
OUTLINES: LiteralString = """
    SELECT DISTINCT ON (blob_id) blob_id, width_mm, height_mm, method, confidence, page_number, bbox, entity_handle, layer,
           (SELECT count(*) FROM extracted_outlines AS rival
            WHERE rival.tenant_id = one.tenant_id AND rival.blob_id = one.blob_id AND rival.id <> one.id
              AND rival.area_mm2 > 0.2 * one.area_mm2) AS rivals
    FROM extracted_outlines AS one
    WHERE tenant_id = %(tenant)s AND blob_id = ANY (%(blobs)s)
    ORDER BY blob_id, area_mm2 DESC, id
"""

LENGTHS: LiteralString = """
    SELECT blob_id, (array_agg(DISTINCT value_mm ORDER BY value_mm DESC))[1:200]
    FROM extracted_dimensions
    WHERE tenant_id = %(tenant)s AND blob_id = ANY (%(blobs)s) AND value_mm > 0 AND NOT is_reference
      AND kind IN ('linear', 'aligned', 'ordinate', 'diameter')
    GROUP BY blob_id
"""

# A total that the sheet states stands above or below the list, as "Total quantity parts: 16"; %(total)s is _stated_total().
PARTS_LISTS: LiteralString = """
    SELECT item.blob_id, count(*), sum(item.quantity)::float8,
           (SELECT min(substring(page.text FROM %(total)s)::integer) FROM document_pages AS page
            WHERE page.tenant_id = %(tenant)s AND page.blob_id = item.blob_id)
    FROM extracted_bom_items AS item
    WHERE item.tenant_id = %(tenant)s AND item.blob_id = ANY (%(blobs)s)
    GROUP BY item.blob_id
"""

# What linking found against a file's number; see document_group_findings.kind.
FINDINGS: LiteralString = """
    SELECT blob_id, kind, reason, evidence
    FROM document_group_findings
    WHERE tenant_id = %(tenant)s AND blob_id = ANY (%(blobs)s) AND kind LIKE 'number%%'
    ORDER BY blob_id, kind
"""

MODELS: LiteralString = """
    SELECT blob_id, part_name, bbox_mm, properties, count(*) OVER (PARTITION BY blob_id)
    FROM cad_models
    WHERE tenant_id = %(tenant)s AND blob_id = ANY (%(blobs)s) AND status = 'completed'
    ORDER BY blob_id, part_key
"""

MODEL_PARAMETERS: LiteralString = """
    SELECT blob_id, name, value, value_number, unit
    FROM extracted_parameters
    WHERE tenant_id = %(tenant)s AND blob_id = ANY (%(blobs)s) AND value IS NOT NULL
    ORDER BY blob_id, id
"""

# What CAD systems call their properties.
MODEL_FIELDS = {
    "material": "material", "werkstoff": "material", "material name": "material", "mass": "weight", "weight": "weight", "masse": "weight",
    "part number": "drawing_number", "partnumber": "drawing_number", "part no": "drawing_number", "drawing number": "drawing_number",
    "number": "drawing_number", "revision": "revision", "rev": "revision", "title": "title", "description": "title", "name": "title",
}
# "See parts list" is what the sheet says, and no value. "S. Miller" is one, and "Ver 2".
_ELSEWHERE = re.compile(r"(?:see|siehe|s\.|vgl\.?|voir|zie|vedi|véase|ver|см\.?|見|见)\s+\w", re.IGNORECASE)
_NEVER_ELSEWHERE = frozenset({"author", "checked_by", "approved_by", "company", "revision"})
_SEPARATORS = re.compile(r"[\W_]+")


def read_evidence(conn: Connection, tenant_id: str, groups: Sequence[UUID]) -> dict[UUID, list[FileEvidence]]:
    """Group → its live files of the latest revision with what they say."""
    members = conn.execute(MEMBERS, {"tenant": tenant_id, "groups": list(groups)}).fetchall()
    blobs = {row[1]: _file(row) for row in members}
    where = {"tenant": tenant_id, "blobs": list(blobs)}
    materials = _by_blob(conn.execute(MATERIALS, where))
    fields = _by_blob(conn.execute(FIELDS, where))
    lists = {row[0]: PartsList(row[1], row[2], row[3]) for row in conn.execute(PARTS_LISTS, {**where, "total": _stated_total()})}
    for blob_id, file in blobs.items():
        file.parts_list = lists.get(blob_id)
        file.statements += _field_statements(file, fields[blob_id], materials[blob_id])
    _read_sizes(conn, where, blobs)
    _read_findings(conn, where, blobs)
    models = [blob_id for blob_id, file in blobs.items() if file.kind == "cad"]
    if models:
        _read_models(conn, {"tenant": tenant_id, "blobs": models}, blobs)
    for row in members:
        blobs[row[1]].statements += _name_statements(blobs[row[1]], row)
    found: dict[UUID, list[FileEvidence]] = {group_id: [] for group_id in groups}
    for row in members:
        found[row[0]].append(blobs[row[1]])
    return found


def _by_blob(rows: Iterable[Row]) -> dict[UUID, list[Row]]:
    found: dict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(row[1:])
    return found


def _file(row: Row) -> FileEvidence:
    _, blob_id, blob_key, _, kind, unit, _, _, _, has_model = row
    return FileEvidence(str(blob_id), blob_key, "cad" if has_model else kind or "other", header_unit=unit if kind == "dxf" else None)


def _source(file: FileEvidence, place: Sequence[Any], *, share: float = 1.0) -> Source:
    method, confidence, page_number, bbox, handle, layer = place
    return Source(file.blob_id, file.file, file.kind, method, confidence, page_number,
                  tuple(round(edge, 2) for edge in bbox) if bbox else None, handle, layer, share)


def _field_statements(file: FileEvidence, fields: Sequence[Row], materials: Sequence[Row]) -> list[Statement]:
    """What the title blocks say; a material brings the designation that was found for it."""
    fields = [row for row in fields[:MOST_STATEMENTS] if row[0] in _NEVER_ELSEWHERE or not _ELSEWHERE.match(row[1])]
    keyed = []
    for name, value, normal, *place in fields:
        material = _material_of(value, place, materials) if name == "material" else None
        keyed.append((name, value, normal, place, material, comparison_key(name, value, normal, material[1] if material else None)))
    pages, alike = Counter(one[0] for one in keyed), Counter((one[0], one[5]) for one in keyed)
    found = [Statement(name, value, key, _source(file, place, share=alike[name, key] / pages[name]), normal,
                       _material_details(material) | _grams(name, normal or value))
             for name, value, normal, place, material, key in keyed]
    if not pages["revision"]:
        found += [revision for one in found if (revision := _revision_in(one))]
    if not pages["material"] and file.parts_list is None:
        found += _noted_material(file, materials)
    return found


def _revision_in(number: Statement) -> Statement | None:
    """Some number their drawings '1281-B2P-A', the revision within, and have no cell for it."""
    if number.field != "drawing_number":
        return None
    revision = without_revision(number.value.lower())[1]
    source = replace(number.source, method=f"{number.source.method}.number", confidence=SUFFIX_SHARE * number.source.confidence)
    return Statement("revision", revision.upper(), comparison_key("revision", revision), source) if revision else None


def _material_of(value: str, place: Sequence[Any], materials: Sequence[Row]) -> Row | None:
    """The row of extracted_materials that was read out of this field: on its page, at its place or of its words."""
    here = [row for row in materials if row[7] == place[2]]
    text = clean_line(value).casefold()
    for row in here:
        words = clean_line(row[0]).casefold()
        if (place[3] and row[8] == place[3]) or words == text or (len(words) > 3 and words in text):
            return row
    return None


def _material_details(row: Row | None) -> dict[str, Any]:
    if row is None:
        return {}
    named = {"designation": row[1], "family": row[2], "treatment": row[3], "thickness_mm": row[4]}
    return {name: value for name, value in named.items() if value is not None}


def _noted_material(file: FileEvidence, materials: Sequence[Row]) -> list[Statement]:
    """A part's drawing without such a field may name its material in a note; a parts list names those of others."""
    designations = {row[1] or row[0].casefold() for row in materials}
    if len(designations) != 1:
        return []
    row = materials[0]
    return [Statement("material", row[0], comparison_key("material", row[0], None, row[1]), _source(file, row[5:]),
                      details=_material_details(row))]


def _grams(name: str, text: str) -> dict[str, Any]:
    """The mass of a weight field; without a unit it is not known."""
    grams = grams_of(clean_line(text)) if name == "weight" else None
    return {} if grams is None else {"grams": round(grams, 6)}


@cache
def _stated_total() -> str:
    """The regular expression (PostgreSQL's) of a stated total in any of the languages, its number in the one group.

    Both cases of each letter are written out: a database of locale C knows those of ASCII only.
    """
    words = "|".join("".join(map(_either_case, word)) for word in load_headers().stated_totals)
    return rf"(?<![A-Za-z])(?:{words}) *[:=：] *(\d{{1,5}})(?![\d.,])"


def _either_case(sign: str) -> str:
    return " +" if sign == " " else f"[{sign}{sign.upper()}]" if sign.isalpha() else re.escape(sign)


def _read_sizes(conn: Connection, where: Mapping[str, Any], files: Mapping[UUID, FileEvidence]) -> None:
    """Outlines; the sizes that drawings show are read only for groups that have a shape to compare them with."""
    for blob_id, width, height, *place, rivals in conn.execute(OUTLINES, where):
        file = files[blob_id]
        if not rivals:
            file.sides = (max(width, height), min(width, height))
            file.sides_source = _source(file, place)
            file.statements.append(_size_statement(file.sides, file.sides_source))
    drawings = [blob_id for blob_id, file in files.items() if file.kind == "pdf"]
    for blob_id, lengths in conn.execute(LENGTHS, {**where, "blobs": drawings}):
        files[blob_id].lengths = tuple(lengths)


def _size_statement(sides: Sequence[float], source: Source) -> Statement:
    rounded = [round(side, 2) for side in sides]
    text = " × ".join(f"{side:g}" for side in rounded)
    return Statement("overall_size", f"{text} mm", " ".join(f"{side:.0f}" for side in rounded), source, text.replace(" × ", "x"),
                     {"sides_mm": rounded})


def _read_models(conn: Connection, where: Mapping[str, Any], files: Mapping[UUID, FileEvidence]) -> None:
    for blob_id, part_name, bbox, properties, parts in conn.execute(MODELS, where):
        file = files[blob_id]
        if parts != 1:  # the box of one part is not the assembly's, nor is its material
            continue
        source = Source(file.blob_id, file.file, "cad", "model", CAD_CONFIDENCE)
        if bbox:
            file.sides = tuple(sorted((bbox[3 + axis] - bbox[axis] for axis in range(3)), reverse=True))
            file.sides_source = source
            file.statements.append(_size_statement(file.sides, source))
        named = {"name": part_name, **properties}
        file.statements += _model_statements(source, ((name, value, None) for name, value in named.items()))
    for blob_id, name, value, number, unit in conn.execute(MODEL_PARAMETERS, where):
        source = Source(files[blob_id].blob_id, files[blob_id].file, "cad", "parameter", CAD_CONFIDENCE)
        text = f"{number:g} {unit}" if number is not None and unit else value
        files[blob_id].statements += _model_statements(source, [(name, text, None)])


def _model_statements(source: Source, named: Iterable[tuple[str, Any, str | None]]) -> list[Statement]:
    found = []
    for name, value, normal in named:
        target = MODEL_FIELDS.get(_SEPARATORS.sub(" ", name).strip().casefold())
        if target and isinstance(value, str) and value.strip():
            found.append(Statement(target, clean_line(value), comparison_key(target, value), source, normal, _grams(target, value)))
    return found


def _name_statements(file: FileEvidence, row: Row) -> list[Statement]:
    """Number or title, and revision, as the file's name has them."""
    name, strength, revision, key = row[3], row[6], row[7], row[8]
    source = Source(file.blob_id, file.file, file.kind, FILE_NAME, NAME_CONFIDENCE)
    stem = name.rpartition(".")[0] or name
    said = {"revision": revision.upper() if revision else ""}
    if strength == Strength.STRONG:
        said["drawing_number"] = _as_written(stem, key.partition("~")[0])
    else:
        said["title"] = clean_line(stem.replace("_", " "))
    return [Statement(field, text, comparison_key(field, text), source) for field, text in said.items() if text]


def _as_written(stem: str, core: str) -> str:
    """The beginning of a file's name that its key stands for: 'DM-1001' of 'DM-1001_revB'."""
    ends = (end for end in range(1, len(stem) + 1) if normalised(stem[:end].casefold()) == core)
    return stem[:next(ends, len(stem))]


def _read_findings(conn: Connection, where: Mapping[str, Any], files: Mapping[UUID, FileEvidence]) -> None:
    for blob_id, kind, reason, evidence in conn.execute(FINDINGS, where):
        files[blob_id].findings.append(Finding(kind, reason, evidence))
