"""What a DXF says beside its dimensions: feature control frames (TOLERANCE) and balloons (MULTILEADER with a block)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from pipeline.extract.dxf.sheets import LayoutWalker, Placed
from pipeline.extract.dxf.strings import decode_escapes, line_text
from pipeline.extract.gdt import CHARACTERISTICS, OF_SYMBOL, SIGN_OF_LETTER
from pipeline.extract.model import Annotation, Json, Place
from pipeline.extract.normalise import clean_line

_TYPES: Final = frozenset({"TOLERANCE", "MULTILEADER", "MLEADER"})
_MAX_ANNOTATIONS = 20_000  # of one layout
_CONFIDENCE = 0.95

_SIGNS: Final = frozenset("ØⓂⓁⓅⓈ")  # beside the characteristics
_GDT_RUN = re.compile(r"\{?\\F\s?gdt(?:\.shx)?(?:\|[^;]*)?;(?P<letters>[a-z]*)\}?", re.IGNORECASE)
_NUMBER = re.compile(r"\d*[.,]?\d+")
_BALLOON_LONGEST = 6
_CELLS = 6  # characteristic, two tolerances, three datums


def read_annotations(layout: Any, walker: LayoutWalker, page_number: int) -> tuple[tuple[Annotation, ...], int]:
    """The annotations of a layout that show, and how many could not be read."""
    found: list[Annotation] = []
    failed = 0
    for placed in islice(walker.walk(layout, _TYPES), _MAX_ANNOTATIONS):
        place = Place(page_number, None, placed.entity.dxf.get("handle"), placed.layer)
        try:
            found.extend(_frames(placed, place) if placed.entity.dxftype() == "TOLERANCE" else _balloon(placed, place))
        except MemoryError:
            raise
        except Exception:  # one damaged entity never costs the others; it is counted in the warnings
            failed += 1
    return tuple(found), failed


def _frames(placed: Placed, place: Place) -> Iterator[Annotation]:
    """One annotation for each row of the frame; the height of a projected zone and the datum's own letter follow the rows."""
    rows = str(placed.entity.dxf.get("content", "") or "").split("^J")
    for row in rows:
        cells = [_cell(cell) for cell in re.split(r"%%v", row, flags=re.IGNORECASE)]
        details = _frame(cells)
        if details is not None:
            shown = " | ".join(cell for cell in (str(details["characteristic"]), *cells[1:]) if cell)
            yield Annotation("gdt", shown, place, "dxf_tolerance", _CONFIDENCE, details)
        elif len(rows) > 1 and row == rows[-1] and (datum := re.fullmatch(r"-?([A-Z]{1,2})-?", cells[0])):
            yield Annotation("datum", datum[1], place, "dxf_tolerance", _CONFIDENCE, {"letter": datum[1]})


def _cell(text: str) -> str:
    """A cell's text, the letters of the GDT font as the signs that they show."""
    signs = _GDT_RUN.sub(lambda match: "".join(_sign(letter) for letter in match["letters"]), decode_escapes(text))
    return clean_line(line_text(signs.replace("{", "").replace("}", "")))


def _sign(letter: str) -> str:
    """The sign that the GDT font shows for a letter; a characteristic by its name, '' for what belongs into no frame."""
    sign = SIGN_OF_LETTER.get(letter.lower(), "")
    return sign if sign in _SIGNS else OF_SYMBOL.get(sign, "")


def _frame(cells: list[str]) -> dict[str, Json] | None:
    """The parts of a feature control frame; None where no characteristic stands in the first cell."""
    if cells[0] not in CHARACTERISTICS:
        return None
    characteristic, first, second, *datums = [*cells, *[""] * _CELLS][:_CELLS]
    details: dict[str, Json] = {"characteristic": characteristic, "datums": [datum for datum in datums if datum]}
    for name, text in (("tolerance", first), ("second_tolerance", second)):
        number = _NUMBER.search(text)
        if number is not None:
            details[name] = float(number[0].replace(",", "."))
    if first.startswith("Ø"):
        details["zone"] = "diameter"
    modifiers: list[Json] = [sign for sign in first if sign in "ⓂⓁⓅⓈ"]
    return details | {"modifiers": modifiers} if modifiers else details


def _balloon(placed: Placed, place: Place) -> Iterator[Annotation]:
    """A leader that ends in a block with one short text in it: the number of a part."""
    if placed.entity.context is None or placed.entity.context.block is None:
        return
    texts = [clean_line(decode_escapes(str(attribute.text))) for attribute in placed.entity.block_attribs]
    if len(texts) == 1 and 0 < len(texts[0]) <= _BALLOON_LONGEST:
        yield Annotation("balloon", texts[0], place, "dxf_multileader", _CONFIDENCE, {"item": texts[0]})
