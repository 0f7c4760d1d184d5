"""The quality page: sheets with everything found on them in boxes, for a person to judge 50 of them in five minutes.

One HTML file without scripts and without anything from elsewhere; pictures are in it. It is written sheet by sheet, so that
memory stays at one picture. It shows what stands in the documents: keep it where the documents may be seen.
"""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from pipeline.extract.model import BBox
from pipeline.extract.picture import Picture
from pipeline.observe.quality_sheets import Mark, Sheet
from pipeline.observe.quality_style import STYLE

EXPECTED_FIELDS = ("drawing_number", "title", "revision", "material", "scale", "date", "author", "sheet", "company")
UNSURE = 0.6  # confidence below which a box is dashed and a value stands out
MOST_LINES = {"field": 40, "dimension": 120, "bom": 30, "annotation": 40, "material": 10, "parameter": 30}
HEADINGS = {"field": "Title block", "bom": "Parts list", "material": "Material", "dimension": "Dimensions",
            "annotation": "Annotations", "parameter": "Parameters"}
LEAST_SIDE = 0.004  # of the picture: a smaller box could not be seen or pointed at

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class View:
    """A sheet as it is shown. picture: or the reason why there is none."""

    sheet: Sheet
    marks: Sequence[Mark]
    picture: Picture | str


def write_page(path: Path, targets: Sequence[tuple[str, str]], views: Iterable[View]) -> int:
    """Write the page, whole or not at all; returns how many sheets it shows.

    targets  name and verdict of each success metric, for the top of the page
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    count = 0
    try:
        with open(partial, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(_head(targets))
            for count, view in enumerate(views, start=1):
                stream.writelines(_section(view, count))
            stream.write("</main></body></html>\n" if count else "<p class=none>No sheets to show.</p></main></body></html>\n")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return count


def _head(targets: Sequence[tuple[str, str]]) -> str:
    legend = "".join(f'<span class="key {kind}">{escape(heading)}</span>' for kind, heading in HEADINGS.items())
    marks = "".join(f"<span>{_text(name)}: <b>{_text(verdict)}</b></span>" for name, verdict in targets)
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Draftmill quality page</title>'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; style-src \'unsafe-inline\'">'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>'
        f"<header><h1>Quality page</h1><div class=targets>{marks}</div>"
        f"<div class=legend>{legend}<span class=hint>point at a box or at a line: it shows the other; dashed is unsure</span></div>"
        "</header><main>\n")


def _section(view: View, number: int) -> Iterator[str]:
    sheet = view.sheet
    why = "".join(f"<span class=why>{escape(reason)}</span>" for reason in sheet.reasons) or "<span class=lot>drawn by lot</span>"
    read = {"ocr": "OCR", "none": "no text"}.get(sheet.method, "")
    if read == "OCR" and sheet.confidence is not None:
        read = f"OCR {sheet.confidence:.2f}"
    pages = f"page {sheet.page_number} of {sheet.page_count}" if sheet.page_count > 1 else ""
    facts = " · ".join(_text(fact) for fact in (sheet.program, pages, read) if fact)
    yield (f'<section id="s{number}"><h2><a href="#s{number}">{number}</a> {_text(sheet.blob_key)} <small>{facts}</small>{why}</h2>'
           "<div class=sheet>")
    yield from _picture(view)
    yield "<div class=found>"
    for kind in HEADINGS:
        yield from _list(kind, [(place, mark) for place, mark in enumerate(view.marks) if mark.kind == kind])
    yield "</div></div></section>\n"


def _picture(view: View) -> Iterator[str]:
    if isinstance(view.picture, str):
        yield f"<div class=view><p class=none>No picture: {_text(view.picture)}.</p></div>"
        return
    picture = view.picture
    data = base64.b64encode(picture.data).decode("ascii")
    yield (f'<div class=view><div class=page><img src="data:{picture.mime_type};base64,{data}" width="{picture.width}" '
           f'height="{picture.height}" alt="">')
    for place, mark in enumerate(view.marks):
        box = _share(view, picture, mark)
        if box is not None:
            yield _box(place, mark, box)
    yield "</div></div>"


def _share(view: View, picture: Picture, mark: Mark) -> BBox | None:
    """Where the mark stands, as shares of the picture; None where it has no place in it."""
    if mark.handle is not None and mark.handle in picture.boxes:
        x0, y0, x1, y1 = picture.boxes[mark.handle]
    elif mark.bbox is not None and view.sheet.width and view.sheet.height:
        width, height = view.sheet.width, view.sheet.height
        x0, y0, x1, y1 = mark.bbox[0] / width, mark.bbox[1] / height, mark.bbox[2] / width, mark.bbox[3] / height
    else:
        return None
    if x1 < 0 or y1 < 0 or x0 > 1 or y0 > 1:
        return None
    x0, y0, x1, y1 = max(x0, 0.0), max(y0, 0.0), min(x1, 1.0), min(y1, 1.0)
    return x0, y0, max(x1, min(x0 + LEAST_SIDE, 1.0)), max(y1, min(y0 + LEAST_SIDE, 1.0))


def _box(place: int, mark: Mark, box: BBox) -> str:
    x0, y0, x1, y1 = box
    sides = ("left" if x0 < 0.6 else "right") + (" below" if y0 < 0.12 else "")
    unsure = " unsure" if mark.confidence < UNSURE else ""
    return (f'<i class="b{place} {mark.kind}{unsure} {sides}" style="left:{x0:.2%};top:{y0:.2%};width:{x1 - x0:.2%};height:{y1 - y0:.2%}">'
            f"<b>{_text(mark.name)} = {_text(mark.text[:200])} <em>{mark.confidence:.2f}, {_text(mark.method)}</em></b></i>")


def _list(kind: str, marks: Sequence[tuple[int, Mark]]) -> Iterator[str]:
    missing = [name for name in EXPECTED_FIELDS if name not in {mark.name for _, mark in marks}] if kind == "field" else []
    if not marks and not missing:
        return
    yield f'<h3 class="{kind}">{HEADINGS[kind]} <small>{len(marks)}</small></h3><ul class="{kind}">'
    for place, mark in marks[: MOST_LINES[kind]]:
        unsure = " class=unsure" if mark.confidence < UNSURE else ""
        name = f"<dfn>{_text(mark.name)}</dfn> " if kind != "material" else ""
        yield f'<li class="r{place}"><span{unsure}>{name}<bdi>{_text(mark.text[:160])}</bdi></span></li>'
    if len(marks) > MOST_LINES[kind]:
        yield f"<li class=more>and {len(marks) - MOST_LINES[kind]} more</li>"
    if missing:
        yield f"<li class=missing>not found: {', '.join(missing)}</li>"
    yield "</ul>"


def _text(value: str) -> str:
    """Safe in HTML, within text and within quotes; without characters that would turn or break the line."""
    return escape(_CONTROL.sub("", value).replace("\n", " "), quote=True)
