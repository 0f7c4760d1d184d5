"""The dimensions of a PDF page, found as a reader finds them: what is written, and how it stands on the drawing.

A text that a symbol marks (Ø, R, ±, °, a fit, …) is a dimension by its form. A bare number is one when it stands at a
dimension line, or is set like the numbers that do; zone marks, balloons, table cells and dates are none. A page without
a dimension line has no dimensions at all: it is a form, a manual or a report.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from pipeline.extract.dimension_text import DimensionText, normalise_symbols, parse_dimension, resolve_fit, to_mm
from pipeline.extract.model import Annotation, BBox, Dimension, Json
from pipeline.extract.pdf.annotations import find_annotations
from pipeline.extract.pdf.glyphs import drawn_symbols, has_digit, nameless_symbol_fonts, symbol_text
from pipeline.extract.pdf.misread import repaired, with_diameter
from pipeline.extract.pdf.parting import parted, pieces_of
from pipeline.extract.pdf.paths import PagePaths
from pipeline.extract.pdf.rows import Entry, Piece, Row, build_rows
from pipeline.extract.pdf.surroundings import Standing, Surroundings
from pipeline.extract.sheet import Point, Sheet, Span
from pipeline.extract.sheet_notes import general_tolerance, sheet_unit

_AT_ARROWS, _MARKED, _LIKE_OTHERS = 0.95, 0.85, 0.75
_MAX_SPANS = 5000
_SIZES = (2.0, 60.0)  # points: no dimension is set smaller or larger
_SAME_SIZE = 0.15
_CELL = 22.0, 5.0  # width and height in font sizes up to which a ruled cell is a table's, not a view's
_MAX_BARE = 20_000.0
_MAX_BLOWN = 1.8  # of the usual text size on a picture: larger numbers are zone marks
_SPACED_OUT, _MIN_TELLING = 1.5, 4  # of the usual pitch; characters of a text that shows it
_EDGE = 0.06  # share of the shorter side within which a short number is a zone mark of the frame
_ZONE_MARK = re.compile(r"^\d{1,2}$")
_BARE_LETTER = re.compile(r"^[RCM]\s?\d+$")
_DESIGNATOR = re.compile(r"^(?:[CQUDJLYRKTF]|IC|SW|TP|CN|LED|USB|EXP)\d{1,3}[A-Z]?$")  # in circuits, where R5 resists
_MAX_DESIGNATORS = 12
_DECIMAL = re.compile(r"\d[.,]\d")
_ORIGIN = re.compile(r"^0(?:[.,]0+)?$")
_NOTED = re.compile(r"^(?P<head>\(?[^A-Za-z]*?\d[\d.,]*\)?(?:\s?(?:mm|°|\"))?)\s+(?P<words>\(?[^\W\d][^\d\s]*(?:\s[^\d\s]+){0,2})$")
_COUNTED = re.compile(  # of holes, or the sides of a plate
    r"^(?P<count>\d{1,2})\s?[x×X*]\s?(?P<size>(?:\d{1,3}(?:[.,]\d+)?|[.,]\d+)(?:\s?±.*)?)$")
_SLOT = re.compile(  # '4-3.5x5.5', '4.1*12.6'; '4x12.6' are four holes, '12x20' is a plate
    r"^(?:(?P<count>\d{1,2})\s?-\s?(?=\d)|(?=\d{1,3}[.,]\d))(?P<size>\d{1,3}(?:[.,]\d+)?\s?[x×X*]\s?\d{1,3}(?:[.,]\d+)?)"
    r"(?:\s?⌵\s?\d{2,3}\s?°?)?$")
_STATED = re.compile(  # with its unit and its tolerance, a size is one even within a sentence
    r"(?<!\S)(?:\d{1,2}\s?[x×X]\s)?[ØR]?\d+(?:[.,]\d+)?\s?(?:mm|in|\")\s?(?:±|\+/-)\s?\d+(?:[.,]\d+)?\s?(?:mm|in|\")?(?=[\s.,;)]|$)")
_PLACES = re.compile(r"^\(?(?:TYP\.?\s)?(?P<places>\d{1,3})\s?(?:PLCS?|PLACES?|POS\.?|STELLEN|PLAATSEN|POSTI)\b\.?\)?$", re.IGNORECASE)
_CALLOUT_STEP = 2.0  # font sizes from one line of a callout to the next


@dataclass(frozen=True, slots=True)
class Findings:
    """What a page shows beside its title block and lists."""

    dimensions: tuple[Dimension, ...] = ()
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class _Candidate:
    row: Row
    parsed: DimensionText
    standing: Standing
    is_basic: bool
    is_target: bool = False
    note: str | None = None

    @property
    def is_bare(self) -> bool:
        return not self.parsed.marked

    @property
    def is_proven(self) -> bool:
        return self.standing.arrowed or (self.standing.led and not self.is_bare) or self.is_basic


def find_dimensions(sheet: Sheet, paths: PagePaths, *, is_drawing: bool, excluded: Sequence[BBox] = ()) -> Findings:
    """The dimensions and annotations of a page.

    is_drawing  whether the page has a title block: then it may have balloons and notes without any dimension, and numbers
                are read where a page has no lines to judge by, as a scan
    excluded    boxes in the reading frame where no dimension stands: title block, lists
    """
    spans = [span for span in sheet.spans if not _is_within(span.bbox, excluded)]
    if not spans or len(spans) > _MAX_SPANS or not any(has_digit(span.text) for span in spans):
        return Findings()
    surroundings = paths.surroundings
    if not surroundings.has_arrows and not is_drawing:
        return Findings()
    rows = _rows(sheet, spans, surroundings)
    annotations, used = find_annotations(sheet, rows, surroundings)
    rows = [row for index, row in enumerate(rows) if index not in used]
    candidates = [found for row in rows if (found := _candidate(row, surroundings)) is not None]
    if not surroundings.has_arrows and not _is_picture(sheet, paths):
        candidates = [one for one in candidates if _is_plain_without_arrows(one)]
    chosen = _choose(candidates, sheet, paths, rows)
    if not chosen:
        return Findings(annotations=annotations if is_drawing else ())
    origins = {row.direction for row in rows if _ORIGIN.match(row.text) and surroundings.standing(row).at_end}
    return Findings(_dimensions(_with_counts(chosen, rows), sheet, origins), annotations)


def _is_within(box: BBox, regions: Sequence[BBox]) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return any(x0 <= x <= x1 and y0 <= y <= y1 for x0, y0, x1, y1 in regions)


def _is_plain_without_arrows(one: _Candidate) -> bool:
    """Whether a text of a sheet whose line ends are of no known form is a dimension: by its own signs, at a line of any kind."""
    return not one.is_bare and not _BARE_LETTER.match(one.row.text) and (one.standing.lined or one.standing.led or one.standing.at_end)


def _is_picture(sheet: Sheet, paths: PagePaths) -> bool:
    """Whether a page's drawing is an image, so that nothing of its dimension lines is known but what its text says."""
    return not paths.drawings and (sheet.method == "ocr" or paths.is_image)


def _rows(sheet: Sheet, spans: Sequence[Span], surroundings: Surroundings) -> list[Row]:
    entries: list[Entry] = []
    nameless = nameless_symbol_fonts(spans)
    for span in spans:
        if _SIZES[0] <= span.size <= _SIZES[1]:
            text = symbol_text(span, nameless) if span.confidence is None else repaired(span.text)
            shown = span if text == span.text else replace(span, text=text)
            entries.extend((span.direction, piece, span.font, span.confidence) for piece in pieces_of(shown))
    numbers = [(direction, piece) for direction, piece, _, _ in entries if has_digit(piece.text)]
    symbols = list(drawn_symbols(surroundings.strokes, numbers))
    if sheet.method == "ocr":
        entries = [_with_sign(entry, symbols) for entry in entries]  # OCR reads drawn signs too, as something
        symbols = [(direction, symbol) for direction, symbol in symbols if not _is_read(symbol, numbers)]
    entries.extend((direction, piece, "", None) for direction, piece in symbols)
    return [part for row in build_rows(entries) for part in parted(row)]


def _with_sign(entry: Entry, symbols: Sequence[tuple[Point, Piece]]) -> Entry:
    """A number that OCR read, with the diameter sign that is drawn at its start."""
    direction, piece, font, confidence = entry
    if not has_digit(piece.text):
        return entry
    for _, symbol in symbols:
        if symbol.text == "Ø" and abs(symbol.v - piece.v) < 1 and -0.4 * piece.size <= (symbol.u0 + symbol.u1) / 2 - piece.u0 <= piece.size:
            return direction, replace(piece, text=with_diameter(piece.text)), font, confidence
    return entry


def _is_read(symbol: Piece, numbers: Sequence[tuple[Point, Piece]]) -> bool:
    """Whether a drawn symbol lies within a text that OCR read."""
    u = (symbol.u0 + symbol.u1) / 2
    return any(abs(symbol.v - piece.v) < 1 and piece.u0 - 0.4 * piece.size <= u <= piece.u1 for _, piece in numbers)


def _candidate(row: Row, surroundings: Surroundings) -> _Candidate | None:
    """What a row may be by its form and its surroundings."""
    if not has_digit(row.text) or len(row.text) > 80 or (row.text == "1" and row.confidence is not None):
        return None  # OCR reads the end of any line as a one
    note = None
    parsed = parse_dimension(row.text) or _counted(row, surroundings)
    if parsed is None:
        parsed, note = _noted(row, surroundings)
    if parsed is None or parsed.nominal == 0:
        return None
    standing, box = surroundings.standing(row), surroundings.box(row)
    if not standing.arrowed and (standing.celled if box is None or not box.is_tight else box.has_neighbour):
        return None  # a cell of a table or of a feature control frame
    ring = surroundings.ring(row)
    if surroundings.is_in_drawn_brackets(row):
        parsed = replace(parsed, is_reference=True)
    is_basic = box is not None and box.is_tight and not box.has_neighbour
    return _Candidate(row, parsed, standing, is_basic, is_target=ring is not None, note=note)


def _noted(row: Row, surroundings: Surroundings) -> tuple[DimensionText | None, str | None]:
    """A dimension with words: '10.00 All Around' at a dimension line, or 'DRILLED TO 2.75mm ±0.05mm' in a note."""
    body = normalise_symbols(row.text)
    noted = _NOTED.match(body)
    if noted is not None and ((standing := surroundings.standing(row)).arrowed or standing.lined):
        parsed = parse_dimension(noted["head"])
        is_stated = parsed is not None and (standing.arrowed or parsed.tol_plus is not None)
        is_size = parsed is not None and (parsed.marked or parsed.unit is not None or standing.doubled or _DECIMAL.search(body) is not None)
        if parsed is not None and parsed.kind != "thread" and is_stated and is_size:
            return parsed, noted["words"].strip()
    stated = _STATED.findall(body)
    return (parse_dimension(stated[0]), body) if len(stated) == 1 else (None, None)


def _counted(row: Row, surroundings: Surroundings) -> DimensionText | None:
    """'4 x 5.2' at a leader: so many holes of that size; '4-5.2x8': so many slots. Elsewhere it is the size of a plate."""
    body = normalise_symbols(row.text)
    slot = _SLOT.match(body)
    match = slot or _COUNTED.match(body)
    if match is None or not ((standing := surroundings.standing(row)).led or standing.arrowed):
        return None
    parsed = parse_dimension(f"SLOT {match['size'].replace('*', 'x')}" if slot else match["size"])
    return None if parsed is None else replace(parsed, count=int(match["count"] or 1), marked=True)


def _without_enumerations(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """The candidates but for counting numbers in a row: pins, zone marks, the lines of a list."""
    counting: set[int] = set()
    bare = [(index, one) for index, one in enumerate(candidates) if one.is_bare and one.row.text.isdecimal() and not one.is_proven]
    for across in (False, True):
        for group in _aligned(bare, across=across):
            numbers = [int(one.row.text) for _, one in group]
            steps = sum(abs(after - before) == 1 for before, after in pairwise(numbers))
            if steps >= 2 and steps >= 0.5 * (len(numbers) - 1):
                counting.update(index for index, _ in group)
    return [one for index, one in enumerate(candidates) if index not in counting]


def _aligned(bare: Sequence[tuple[int, _Candidate]], *, across: bool) -> list[list[tuple[int, _Candidate]]]:
    """Candidates that stand in one line along their text, or in one column across it, each group in its order."""
    groups: list[list[tuple[int, _Candidate]]] = []
    for entry in sorted(bare, key=lambda entry: (entry[1].row.direction, _level(entry[1].row, across=across))):
        row = entry[1].row
        last = groups[-1][-1][1].row if groups else None
        if last is None or last.direction != row.direction or _level(row, across=across) - _level(last, across=across) > 0.4 * row.size:
            groups.append([])
        groups[-1].append(entry)
    return [sorted(group, key=lambda entry: _level(entry[1].row, across=not across)) for group in groups]


def _level(row: Row, *, across: bool) -> float:
    return (row.u0 + row.u1) / 2 if across else row.v


def _choose(candidates: Sequence[_Candidate], sheet: Sheet, paths: PagePaths, rows: Sequence[Row]) -> list[_Candidate]:
    """Those candidates that are dimensions."""
    if sum(_DESIGNATOR.match(row.text) is not None for row in rows) > _MAX_DESIGNATORS:
        candidates = [one for one in candidates if one.standing.arrowed and not _BARE_LETTER.match(one.row.text)]
    if _is_picture(sheet, paths):
        usual = median(row.size for row in rows)
        pitch = median([_pitch(row) for row in rows if len(row.text) >= _MIN_TELLING] or [1.0])
        candidates = [one for one in _without_enumerations(candidates) if not (one.is_bare and _is_balloons(one.row, pitch))]
        return [one for one in candidates if _is_plain_on_picture(one, sheet) and one.row.size <= _MAX_BLOWN * usual]
    sizes = {one.row.size for one in candidates if one.is_proven and not _is_zone_mark(one, sheet)}
    return [one for one in candidates if _is_dimension(one, sheet, paths, sizes)]


def _is_dimension(one: _Candidate, sheet: Sheet, paths: PagePaths, sizes: set[float]) -> bool:
    if one.is_target:
        return not one.is_bare
    if not one.is_bare and not _BARE_LETTER.match(one.row.text):
        return True
    if one.standing.arrowed or one.is_basic:
        return one.parsed.nominal <= _MAX_BARE and not _is_zone_mark(one, sheet)
    if not one.is_bare:
        return one.standing.led or one.standing.lined
    is_alike = any(abs(one.row.size / size - 1) <= _SAME_SIZE for size in sizes)
    if not is_alike or one.parsed.nominal > _MAX_BARE or _is_zone_mark(one, sheet):
        return False
    if one.standing.led and not (one.standing.led_double or one.standing.at_end) and one.row.text.isdigit():
        return False  # a number on the shelf of a leader is an item's
    return one.standing.at_end or (one.standing.lined and not _is_in_cell(one.row, paths))


def _is_in_cell(row: Row, paths: PagePaths) -> bool:
    """Whether a row stands in a small ruled cell, as the values of a title block do that was not known as one."""
    cell = paths.grid.cell_at(*row.middle)
    if not cell.is_closed:
        return False
    x0, y0, x1, y1 = cell.box()
    return y1 - y0 <= _CELL[1] * row.size and x1 - x0 <= _CELL[0] * row.size


def _is_balloons(row: Row, pitch: float) -> bool:
    """Whether OCR read balloons side by side as one number: the digits stand further apart than those of the sheet's texts.

    pitch  usual width of a character, as a share of the height
    """
    return row.text.isdigit() and len(row.text) > 1 and _pitch(row) > _SPACED_OUT * pitch


def _pitch(row: Row) -> float:
    return row.width / len(row.text) / row.size


def _is_plain_on_picture(one: _Candidate, sheet: Sheet) -> bool:
    """Marked texts, and numbers that are no zone marks; two digits, as of balloons, only at a line that was seen."""
    if one.parsed.nominal > _MAX_BARE or _is_zone_mark(one, sheet) or _BARE_LETTER.match(one.row.text):
        return False
    return len(one.row.text) > 2 or not one.is_bare or one.standing.lined


def _is_zone_mark(one: _Candidate, sheet: Sheet) -> bool:
    if one.standing.doubled or not _ZONE_MARK.match(one.row.text):
        return False
    width, height = sheet.size
    edge = _EDGE * min(width, height)
    x, y = one.row.middle
    return min(x, y, width - x, height - y) < edge


def _with_counts(chosen: Sequence[_Candidate], rows: Sequence[Row]) -> list[_Candidate]:
    """Counts that stand on another line of the same callout: '4x Ø5' over '⌴ Ø9', 'Ø3.4 THRU' over 'TYP 3 PLCS'."""
    result = list(chosen)
    for index, one in enumerate(result):
        if one.parsed.kind in ("counterbore", "countersink") and one.parsed.count == 1:
            heads = (other for other in result if _stands_over(other.row, one.row) or _leads_to(other.row, one.row))
            above = next((other for other in heads if other.parsed.count > 1), None)
            if above is not None:
                result[index] = replace(one, parsed=replace(one.parsed, count=above.parsed.count))
    for row in rows:
        match = _PLACES.match(row.text)
        lower: Row | None = row if match is not None and int(match["places"]) > 0 else None
        while lower is not None and match is not None:
            found = next((i for i, one in enumerate(result) if _stands_over(one.row, lower) and one.parsed.count == 1), None)
            lower = None
            if found is not None:
                result[found] = replace(result[found], parsed=replace(result[found].parsed, count=int(match["places"])))
                lower = result[found].row
    return result


def _leads_to(before: Row, after: Row) -> bool:
    """Whether a row goes on in another on the same baseline."""
    is_level = before.direction == after.direction and abs(before.v - after.v) <= 0.3 * after.size
    return is_level and before is not after and -0.5 * after.size <= after.u0 - before.u1 <= after.size


def _stands_over(upper: Row, lower: Row) -> bool:
    if upper.direction != lower.direction or upper is lower:
        return False
    step = lower.v - upper.v
    is_next = 0.8 * lower.size <= step <= _CALLOUT_STEP * lower.size
    return is_next and min(upper.u1, lower.u1) - max(upper.u0, lower.u0) > 0.3 * min(upper.width, lower.width)


def _dimensions(chosen: Sequence[_Candidate], sheet: Sheet, origins: set[Point]) -> tuple[Dimension, ...]:
    """origins: directions of the zeros from which ordinates are counted"""
    unit = sheet_unit(sheet.text)
    tolerance = general_tolerance(sheet.text)
    return tuple(_dimension(one, sheet, unit, tolerance, origins) for one in chosen)


def _dimension(one: _Candidate, sheet: Sheet, unit: str | None, tolerance: str | None, origins: set[Point]) -> Dimension:
    parsed, row = one.parsed, one.row
    shown = parsed.unit or unit
    plus, minus = parsed.tol_plus, parsed.tol_minus
    details: dict[str, Json] = dict(parsed.details)
    if parsed.limits is not None:
        details["limits"] = list(parsed.limits)
    resolved = resolve_fit(replace(parsed, unit=shown))
    if resolved is not None:
        plus, minus = resolved
        details["tolerance_source"] = "ISO 286-2"
    elif tolerance is not None and plus is None and parsed.limits is None and parsed.kind != "thread" and not one.is_basic:
        details["general_tolerance"] = tolerance
    if one.note is not None:
        details["note"] = one.note
    kind = parsed.kind
    if one.is_target and kind == "diameter":
        kind = "datum_target"
    elif kind == "linear" and one.standing.at_end and row.direction in origins and not one.is_basic:
        kind = "ordinate"
    nominal = None if parsed.limits is not None else parsed.nominal
    return Dimension(
        kind=kind,
        raw_text=row.text,
        place=sheet.place(row.box),
        method=sheet.method if sheet.method == "ocr" else "text_row",
        confidence=_confidence(one),
        nominal=nominal,
        unit=shown,
        value_mm=to_mm(nominal, shown),
        tol_plus=plus,
        tol_minus=minus,
        fit_class=parsed.fit_class,
        count=parsed.count,
        is_reference=parsed.is_reference,
        is_basic=one.is_basic,
        details=details,
    )


def _confidence(one: _Candidate) -> float:
    base = _AT_ARROWS if one.is_proven else _MARKED if not one.is_bare else _LIKE_OTHERS
    return base if one.row.confidence is None else round(base * one.row.confidence, 3)
