"""Open a DXF from its bytes: as it is, else recovered, else with its tags looked for one by one."""

from __future__ import annotations

import io
import logging
import re
from dataclasses import dataclass
from typing import Any

from ezdxf import recover
from ezdxf.document import Drawing
from ezdxf.filemanagement import dxf_stream_info, read
from ezdxf.lldxf.tagger import binary_tags_loader

from pipeline.extract.errors import CorruptFile, EmptyFile, UnsupportedFormat
from pipeline.extract.sniff import describe, has_dxf_section, is_dwg

_BINARY = b"AutoCAD Binary DXF\r\n\x1a\x00"
_VARIABLE = re.compile(rb"\$[A-Z][A-Z0-9_]*")
_END = re.compile(rb"(?:^|[\r\n])[ \t]*0[ \t]*\r?\n[ \t]*EOF\b")
_STRUCTURE = re.compile(rb"[\r\n]+[ \t]*0[ \t]*\r?\n[ \t]*[A-Z][A-Z0-9_]*[ \t]*\r?\n")
_VERSION = re.compile(rb"\$ACADVER\s+1\s+(AC10\d\d)")
_DRAWN_SECTION = re.compile(
    rb"(?<=\n)[ \t]*0[ \t]*\r?\n[ \t]*SECTION\s+2\s+(?:BLOCKS|ENTITIES)\b.*?\n[ \t]*0[ \t]*\r?\n[ \t]*ENDSEC[ \t]*\r?\n",
    re.DOTALL,
)
_TAIL_BYTES = 65_536
_HEADER_BYTES = 200_000
_MEND = "save it again from the program that made it, or replace the file"

logging.getLogger("ezdxf").setLevel(logging.CRITICAL + 1)  # it names entities and layers, and we say what matters


@dataclass(frozen=True, slots=True)
class OpenedDxf:
    """A loaded document, and what the file itself says: ezdxf fills gaps with defaults of its own.

    variables   names of the header variables that stand in the file
    warnings    stable words, see model.Drawing
    is_partial  True where parts of the file are lost
    """

    document: Any
    variables: frozenset[str]
    warnings: tuple[str, ...] = ()
    is_partial: bool = False


def open_dxf(data: bytes) -> OpenedDxf:
    """The document in the bytes, repaired where needed.

    Raises EmptyFile, UnsupportedFormat (a DWG), or CorruptFile where nothing can be rescued.
    """
    _refuse_other_formats(data)
    if data.startswith(_BINARY):
        return _open_binary(data)
    try:
        return OpenedDxf(read(io.StringIO(_decode(data), newline=None)), _variables(data))
    except MemoryError:
        raise
    except Exception:  # ezdxf raises its own errors, AttributeError, ValueError and more on damaged files
        return _rescue(data)


def _refuse_other_formats(data: bytes) -> None:
    if not data:
        raise EmptyFile("the file has no bytes: copy it again from its source")
    if data.startswith(_BINARY):
        return
    if is_dwg(data):
        raise UnsupportedFormat("the file is named DXF but looks like a DWG drawing: save it as DXF")
    if has_dxf_section(data):
        return
    kind = describe(data)
    if kind is not None:
        raise CorruptFile(f"the file is named DXF but looks like {kind}: give it its right extension")
    raise CorruptFile(f"the bytes hold no section of a DXF: {_MEND}")


def _decode(data: bytes) -> str:
    """The file's text: UTF-8 wherever it is valid, whatever the header says, else the header's code page."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode(_code_page(data), errors="surrogateescape")


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


def _open_binary(data: bytes) -> OpenedDxf:
    try:
        return OpenedDxf(Drawing.load(binary_tags_loader(data)), _variables(data))
    except MemoryError:
        raise
    except Exception as error:
        raise CorruptFile(f"the binary DXF is damaged ({type(error).__name__}): {_MEND}") from error


def _rescue(data: bytes) -> OpenedDxf:
    """What ezdxf's recovery makes of a damaged file.

    First of the file as it is, then reading only what looks like tags, then of its entities and blocks alone, for
    damage in the header, the tables or the objects need not cost the drawing.
    """
    is_truncated = _END.search(data[-_TAIL_BYTES:]) is None
    cut_off = ("truncated",) if is_truncated else ()
    whole = _closed(data) if is_truncated else data
    tries = (
        (whole, recover.bytes_loader, "recovered"),
        (whole, recover.synced_bytes_loader, "resynchronised"),
        (_drawn_sections(whole), recover.synced_bytes_loader, "entities_only"),
    )
    for content, loader, word in tries:
        try:
            tool = recover.Recover.run(io.BytesIO(content), loader=loader)
            document, auditor = recover._load_and_audit_document(tool)
        except MemoryError:
            raise
        except Exception:  # as above: any error means that this try failed
            continue
        if _has_content(document):
            is_partial = is_truncated or word != "recovered" or bool(auditor.errors)
            variables = frozenset[str]() if word == "entities_only" else _variables(data)
            return OpenedDxf(document, variables, (word, *cut_off), is_partial)
    raise CorruptFile(f"the DXF is damaged and nothing in it can be rescued: {_MEND}")


def _drawn_sections(data: bytes) -> bytes:
    """A DXF of the BLOCKS and ENTITIES sections alone, under a header that names only the version."""
    version = _VERSION.search(data[:_HEADER_BYTES])
    name = version[1] if version is not None else b"AC1009"
    header = b"  0\nSECTION\n  2\nHEADER\n  9\n$ACADVER\n  1\n" + name + b"\n  0\nENDSEC\n"
    return header + b"".join(section[0] for section in _DRAWN_SECTION.finditer(data)) + b"  0\nEOF\n"


def _closed(data: bytes) -> bytes:
    """A cut-off file without its last, half entity, and with an end: recovery drops a section that has none."""
    starts = [match.start() for match in _STRUCTURE.finditer(data, max(0, len(data) - _TAIL_BYTES))]
    kept = data[: starts[-1]] if starts else data
    return kept + b"\n  0\nENDSEC\n  0\nEOF\n"


def _has_content(document: Any) -> bool:
    return any(len(layout) > 0 for layout in document.layouts) or any(
        len(block) > 0 for block in document.blocks if not block.is_any_layout
    )
