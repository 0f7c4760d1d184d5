"""Open a DXF from its bytes: as it is, else recovered, else with its tags resynchronised, else entity by entity."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ezdxf import recover
from ezdxf.document import Drawing
from ezdxf.filemanagement import dxf_stream_info

from pipeline.extract.dxf.scan import scan
from pipeline.extract.dxf.slim import TEXTUAL, LeftOut, slim
from pipeline.extract.dxf.tags import BINARY_MARK, ascii_of_binary, tags_of
from pipeline.extract.errors import CorruptFile, EmptyFile, UnsupportedFormat
from pipeline.extract.sniff import describe, has_dxf_section, is_dwg

_VARIABLE = re.compile(rb"\$[A-Z][A-Z0-9_]*")
_END = re.compile(rb"(?:^|[\r\n])[ \t]*0[ \t]*\r?\n[ \t]*EOF\b")
_STRUCTURE = re.compile(rb"[\r\n]+[ \t]*0[ \t]*\r?\n[ \t]*[A-Z][A-Z0-9_]*[ \t]*\r?\n")
_MARKED = re.compile(rb"\n[ \t]*100[ \t]*\r?\n[ \t]*AcDb")
_RELEASE_2000 = b"  0\nSECTION\n  2\nHEADER\n  9\n$ACADVER\n  1\nAC1015\n  0\nENDSEC\n"
_TAIL_BYTES = 65_536
_HEADER_BYTES = 200_000
_MEND = "save it again from the program that made it, or replace the file"

logging.getLogger("ezdxf").setLevel(logging.CRITICAL + 1)  # it names entities and layers, and we say what matters


@dataclass(frozen=True, slots=True)
class OpenedDxf:
    """A loaded document, and what the file itself says: ezdxf fills gaps with defaults of its own.

    variables   names of the header variables that stand in the file
    left_out    entities that were not loaded because no reader looks at them, or for want of room
    warnings    stable words, see model.Drawing; the first names the rung of the ladder where it is not the first
    is_partial  True where parts of the file are lost
    """

    document: Any
    variables: frozenset[str]
    left_out: LeftOut = field(default_factory=LeftOut)
    warnings: tuple[str, ...] = ()
    is_partial: bool = False


def open_dxf(data: bytes) -> OpenedDxf:
    """The document in the bytes, repaired where needed.

    Raises EmptyFile, UnsupportedFormat (a DWG), or CorruptFile where nothing can be rescued.
    """
    _refuse_other_formats(data)
    opened = _open(data)
    damaged = _drop_damaged_attributes(opened.document)
    return _with_warning(opened, f"attributes_damaged:{damaged}") if damaged else opened


def _open(data: bytes) -> OpenedDxf:
    if not data.startswith(BINARY_MARK):
        return _open_text(data)
    text, is_whole = ascii_of_binary(data)
    if not has_dxf_section(text):
        raise CorruptFile(f"the binary DXF is damaged and nothing in it can be rescued: {_MEND}")
    opened = _open_text(text)
    return opened if is_whole else _with_warning(opened, "binary_damaged")


def _open_text(data: bytes) -> OpenedDxf:
    runs, left_out = slim(data)
    if b"$ACADVER" not in data[:_HEADER_BYTES] and _MARKED.search(data):
        runs.insert(0, _RELEASE_2000)  # without a version ezdxf takes a file for release 12, which has no such markers
    try:
        document = _usable(Drawing.from_tags(tags_of(runs, _encoding(runs, data))))
        is_sound = _count(document) >= left_out.drawn // 2  # ezdxf passes over what stands outside of sections
    except MemoryError:
        raise
    except Exception:  # ezdxf raises its own errors, AttributeError, ValueError and more on damaged files
        is_sound = False
    if not is_sound:
        return _rescue(data, b"".join(runs), left_out)
    if left_out.cut:
        cut = sum(left_out.cut.values())
        is_partial = any(kind.encode("ascii") in TEXTUAL for kind in left_out.cut)
        return OpenedDxf(document, _variables(data), left_out, (f"left_out_for_size:{cut}",), is_partial)
    return OpenedDxf(document, _variables(data), left_out)


def _drop_damaged_attributes(document: Any) -> int:
    """Take off their inserts the attributes that ezdxf has destroyed for their faults, or that are none; returns how many."""
    damaged = 0
    for entity in document.entitydb.values():
        if entity.is_alive and entity.dxftype() == "INSERT" and not all(map(_is_attribute, entity.attribs)):
            kept = [attribute for attribute in entity.attribs if _is_attribute(attribute)]
            damaged += len(entity.attribs) - len(kept)
            entity.attribs[:] = kept
    return damaged


def _is_attribute(entity: Any) -> bool:
    return bool(entity.is_alive) and entity.dxftype() == "ATTRIB"


def _count(document: Any) -> int:
    """Entities of all layouts and blocks."""
    return sum(len(block) for block in document.blocks)


def _usable(document: Any) -> Any:
    """The document; raises whatever ezdxf raises where its layouts or tables are wrecks that only look loaded."""
    document.layouts.names_in_taborder()
    for table in (document.layers, document.dimstyles, document.blocks):
        for entry in table:
            str(entry.dxf.name)
    for layout in document.layouts:
        len(layout)
    return document


def _with_warning(opened: OpenedDxf, word: str) -> OpenedDxf:
    return replace(opened, warnings=(word, *opened.warnings), is_partial=True)


def _refuse_other_formats(data: bytes) -> None:
    if not data:
        raise EmptyFile("the file has no bytes: copy it again from its source")
    if data.startswith(BINARY_MARK):
        return
    if is_dwg(data):
        raise UnsupportedFormat("the file is named DXF but looks like a DWG drawing: save it as DXF")
    if has_dxf_section(data):
        return
    kind = describe(data)
    if kind is not None:
        raise CorruptFile(f"the file is named DXF but looks like {kind}: give it its right extension")
    raise CorruptFile(f"the bytes hold no section of a DXF: {_MEND}")


def _encoding(runs: Sequence[bytes], data: bytes) -> str:
    """UTF-8 wherever the text is that, whatever the header says, else the header's code page."""
    try:
        for run in runs:
            run.decode("utf-8")  # entities begin and end in plain ASCII, so that no letter is cut in two
    except UnicodeDecodeError:
        return _code_page(data)
    return "utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8"


def _code_page(data: bytes) -> str:
    head = io.StringIO(data[:_HEADER_BYTES].decode("latin-1"), newline=None)
    try:
        return dxf_stream_info(head).encoding
    except Exception:  # a header that cannot be read names no code page
        return "cp1252"


def _variables(data: bytes) -> frozenset[str]:
    """Names of the header variables: they stand in the first section, in plain ASCII even in a binary DXF."""
    end = data.find(b"ENDSEC")
    return frozenset(name.decode("ascii") for name in _VARIABLE.findall(data[: end if end >= 0 else _HEADER_BYTES]))


def _rescue(data: bytes, slimmed: bytes, left_out: LeftOut) -> OpenedDxf:
    """What recovery makes of a damaged file: of its slimmed form as it is, then reading only what looks like tags.

    Last of its entities and blocks alone, for damage in the header, the tables or the sections need not cost the drawing. The
    first try that brings most of what looks like an entity counts, else the one that brings most.
    """
    is_truncated = _END.search(data[-_TAIL_BYTES:]) is None
    cut_off = ("truncated",) if is_truncated else ()
    whole = _closed(slimmed) if is_truncated else slimmed
    enough = left_out.drawn // 2
    best, most = None, 0
    for word, loader in (("recovered", recover.bytes_loader), ("resynchronised", recover.synced_bytes_loader), ("entities_only", None)):
        recovered = _recover(whole, loader) if loader is not None else _recover(scan(data), recover.bytes_loader)
        if recovered is None or recovered[2] <= most:
            continue
        document, has_errors, most = recovered
        is_partial = is_truncated or word != "recovered" or has_errors
        if word == "entities_only":
            best = OpenedDxf(document, frozenset(), LeftOut(), (word, *cut_off), is_partial=True)
        else:
            best = OpenedDxf(document, _variables(data), left_out, (word, *cut_off), is_partial)
        if most >= enough:
            break
    if best is None:
        raise CorruptFile(f"the DXF is damaged and nothing in it can be rescued: {_MEND}")
    return best


def _recover(content: bytes, loader: Any) -> tuple[Any, bool, int] | None:
    """(document, whether something in it could not be repaired, number of entities), None where nothing comes of it."""
    try:
        tool = recover.Recover.run(io.BytesIO(content), loader=loader)
        document, auditor = recover._load_and_audit_document(tool)
        _usable(document)
        count = _count(document)
    except MemoryError:
        raise
    except Exception:  # any error means that this try failed
        return None
    return (document, bool(auditor.errors), count) if count else None


def _closed(data: bytes) -> bytes:
    """A cut-off file without its last, half entity, and with an end: recovery drops a section that has none."""
    starts = [match.start() for match in _STRUCTURE.finditer(data, max(0, len(data) - _TAIL_BYTES))]
    kept = data[: starts[-1]] if starts else data
    return kept + b"\n  0\nENDSEC\n  0\nEOF\n"
