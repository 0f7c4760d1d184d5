"""Where a file stands, for linking: folders that only sort by format are looked through.

`gearbox/PDF/cover.pdf` and `gearbox/STEP files/cover.step` are neighbours, as are mirrored trees below such folders.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple


def word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


FORMAT_WORDS = word_set(
    "pdf pdfs dxf dxfs dwg dwgs stp step iges igs stl stls sat jt 3mf cad 2d 3d sldprt slddrw sldasm solidworks creo inventor "
    "catia prt asm drw drawing drawings zeichnung zeichnungen model models modell modelle tekening tekeningen dessin dessins "
    "disegni planos svg png jpg html xlsx docx excel word")
FILLERS = word_set("file files datei dateien daten data export exports and und et format formats flat pattern patterns")

DRAWING_SUFFIXES = word_set("pdf dxf dwg slddrw idw drw tif tiff")
MODEL_SUFFIXES = word_set("step stp iges igs prt sldprt ipt catpart x_t x_b sat jt 3mf stl brep asm sldasm iam")

# What a person reads, and what a machine cuts or mills: a DXF beside a PDF is the part's contour, not its drawing.
SHEET_SUFFIXES = DRAWING_SUFFIXES - {"dxf"}
GEOMETRY_SUFFIXES = MODEL_SUFFIXES | {"dxf"}

_WORD = re.compile(r"[^\W_]+")
_REVISION = re.compile(r"(?:rev|revision|ausgabe|index)[ _.-]*(?:[a-z]{1,2}|\d{1,3})", re.IGNORECASE)
_ISSUE = re.compile(r"[ _.-]+(?:rev[ _.-]*)?[a-hjkmnptuvw]", re.IGNORECASE)

Kind = Literal["drawing", "model", "other"]


class File(NamedTuple):
    """One file of a place.

    content     the same for files of the same bytes
    group_size  different contents in its group, here and elsewhere
    """

    folder: str
    name: str
    group_id: str
    key: str
    kind: Kind
    content: str
    group_size: int = 1

    @property
    def suffix(self) -> str:
        return suffix_of(self.name)


def folder_of(blob_key: str) -> str:
    """The folder, without the slash at its end; empty at the top."""
    return blob_key.rpartition("/")[0]


@lru_cache(maxsize=4096)
def neighbourhood(folder: str) -> str:
    """The folder without those parts of its path that only name a format or a revision."""
    above, kept = "", []
    for part in folder.split("/"):
        if not is_format_folder(part) and not _is_revision_folder(part, above):
            kept.append(part)
        above = part
    return "/".join(kept)


@lru_cache(maxsize=4096)
def is_format_folder(name: str) -> bool:
    words = {word.lower() for word in _WORD.findall(name)}
    return bool(words & FORMAT_WORDS) and words <= FORMAT_WORDS | FILLERS


def _is_revision_folder(name: str, above: str) -> bool:
    """`Rev B`, or `1155-G` below `1155`; `1155-01` is a part of an assembly, and `v2` may be another product."""
    if _REVISION.fullmatch(name):
        return True
    tail = name[len(above):]
    return bool(_ISSUE.fullmatch(tail)) and name.startswith(above) and sum(character.isdigit() for character in above) >= 3


def kind_of(blob_key: str) -> Kind:
    """Drawing or model, by the name's suffix: good enough to pair them."""
    suffix = suffix_of(blob_key)
    if suffix in DRAWING_SUFFIXES:
        return "drawing"
    return "model" if suffix in MODEL_SUFFIXES else "other"


def suffix_of(name: str) -> str:
    """In lower case, without the dot; Creo's count behind it (shaft.prt.12) is left out."""
    stem, _, suffix = name.rpartition(".")
    return (stem.rpartition(".")[2] if suffix.isdigit() else suffix).lower()


def is_sheet(name: str) -> bool:
    return suffix_of(name) in SHEET_SUFFIXES


def is_geometry(name: str) -> bool:
    return suffix_of(name) in GEOMETRY_SUFFIXES
