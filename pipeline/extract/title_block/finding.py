"""Find the title block among the text lines and ruled lines of one sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from pipeline.extract.dates import DateEvidence, order_of
from pipeline.extract.field_normal import with_normal
from pipeline.extract.grid import Grid
from pipeline.extract.labels import OTHER, Labels, load_labels
from pipeline.extract.model import BBox, MetadataField
from pipeline.extract.sheet import TextLine
from pipeline.extract.title_block.company import find_company
from pipeline.extract.title_block.headings import find_heading
from pipeline.extract.title_block.labelled import value_of
from pipeline.extract.title_block.notes import find_notes
from pipeline.extract.title_block.patterns import find_by_form, find_unlabelled_block, find_unlabelled_names
from pipeline.extract.title_block.places import with_parts
from pipeline.extract.title_block.region import block_cells, loose_values, region_of, unheaded_values
from pipeline.extract.title_block.revisions import newest_revision
from pipeline.extract.title_block.text_block import find_text_block
from pipeline.extract.title_block.texts import Label, LabelReader, SheetTexts, Size, on_one_row, sort_texts

# A label of these says that a sheet is a drawing; 'date' or 'title' alone stand on every form.
_TELLING = frozenset({"drawing_number", "scale", "revision", "material", "sheet", "part_of_assembly", "general_tolerance"})
_ON_EVERY_FORM = frozenset({"sheet", "sheets", "date", "title", "company", "project", "product", "size", "units", "weight", "author",
                            "checked_by", "approved_by"})
_NAMES = frozenset({"drawing_number", "part_number", "title"})  # where none has a label, the block names them without
_MIN_LABELS = 5  # kinds of label that make a block of which only one field is filled in
_MAX_LINES = 3000
_CORNER = 0.6  # of a fuller sheet, only texts beyond these shares of its width or height are looked at
_MARGIN = 0.15  # share of the sheet's height
_SECOND_HAND = 0.15  # taken off a value that another field lends
_LATER_SHEET = 0.01  # taken off on later pages: where sheets of one file differ, its first speaks for the file
_MONTH_FIRST_SIZES = ((612, 792), (792, 1224), (1224, 1584), (1584, 2448), (2448, 3168), (612, 1008))  # points: letter to ANSI E, legal
_DAY_FIRST = frozenset({"de", "fr", "nl", "it", "es", "ru"})


@dataclass(frozen=True, slots=True)
class TitleBlock:
    """What a title block says, and where it stands.

    fields  at most one of each, by name of the field; also what notes and the heading say of the whole sheet
    region  the box of the block's cells, in the coordinates of the lines; None on a sheet without a block
    """

    fields: tuple[MetadataField, ...] = ()
    region: BBox | None = None


def looks_like_title_block(lines: Iterable[str], labels: Labels | None = None, *, tolerant: bool = False) -> bool:
    """Whether a sheet's lines hold enough labels for its rules to be worth reading."""
    return _promise_block(lines, LabelReader(labels or load_labels(), tolerant=tolerant))


def _promise_block(lines: Iterable[str], reader: LabelReader) -> bool:
    found = {match.field for match in map(reader.match, lines) if match is not None}
    return bool(found & _TELLING) and len(found) >= 2


def find_title_block(
    lines: Sequence[TextLine], grid: Callable[[], Grid], size: Size, labels: Labels | None = None, *, tolerant: bool = False
) -> TitleBlock:
    """The title block of one sheet, and what the sheet says elsewhere of the same things.

    grid      gives the sheet's ruled lines; asked only where the texts promise a block, for reading rules costs more than reading text
    size      (width, height) of the sheet
    tolerant  whether labels may be misread by a letter, as OCR does
    """
    dictionary = labels or load_labels()
    looked_at = _in_the_corner(lines, size) if len(lines) > _MAX_LINES else lines
    if not looked_at:
        return TitleBlock()
    block = TitleBlock()
    reader = LabelReader(dictionary, tolerant=tolerant)
    if _promise_block((line.text for line in looked_at), reader):
        texts = sort_texts(looked_at, grid(), size, reader)
        block = _labelled_block(texts, lines)
    if not block.fields and len(lines) <= _MAX_LINES:
        block = _unlabelled_block(lines, size, dictionary)
    fields = with_parts(block.fields, looked_at, size)
    return replace(block, fields=finish_fields(fields, lines, size, dictionary))


def _unlabelled_block(lines: Sequence[TextLine], size: Size, labels: Labels) -> TitleBlock:
    """What a sheet without labelled cells says: in the texts of its corner, in a few lines set together, in a heading."""
    corner = find_unlabelled_block(lines, size)
    if corner:
        return TitleBlock(tuple(corner))
    together, region = find_text_block(lines, labels)
    return TitleBlock(tuple(together or find_heading(lines, size)), region)


def _in_the_corner(lines: Sequence[TextLine], size: Size) -> list[TextLine]:
    """Of a sheet full of text, the part below and to the right, where title blocks stand."""
    beyond = [line for line in lines if line.bbox[1] > _CORNER * size[1] and line.bbox[0] > _CORNER * size[0]]
    return beyond if len(beyond) <= _MAX_LINES else []


def _labelled_block(texts: SheetTexts, lines: Sequence[TextLine]) -> TitleBlock:
    found = [(label, field) for label in texts.labels if label.match.field != OTHER and (field := value_of(label, texts)) is not None]
    if not _is_block({field.field for _, field in found}, texts):
        return TitleBlock()
    cells = block_cells(texts, {field.field for _, field in found})
    region = region_of(cells, [label.line.bbox for label, _ in found], texts)
    best = _best_of(found, texts, region)
    _add(best, filter(None, [newest_revision(texts)]))
    loose, block = unheaded_values(cells, texts)
    taken = {field.place for field in best.values()}
    _add(best, find_by_form(loose, [line for line in block if line.place not in taken]))
    if not _NAMES & {label.match.field for label in texts.labels if not _heads_people(label, texts)}:
        _add(best, find_unlabelled_names(loose))
    _add(best, find_notes(lines))
    heights = [_height(field) for field in best.values()]
    names = [value for value in loose_values(cells, texts) if value.line.place not in {field.place for field in best.values()}]
    company = find_company(names, _at_the_margins(lines, texts.size), heights, has_title="title" in best)
    _add(best, filter(None, [company]))
    return TitleBlock(tuple(best.values()), region)


def _heads_people(label: Label, texts: SheetTexts) -> bool:
    """Whether a label that may be another's is 'Name' beside 'Date': the two head the columns of those who drew and checked."""
    dates = [other for other in texts.labels if other.match.field == "date" and on_one_row(other.line, label.line)]
    return label.match.is_weak and any(texts.are_side_by_side(label.cell, other.cell) for other in dates)


def _best_of(found: Sequence[tuple[Label, MetadataField]], texts: SheetTexts, region: BBox | None) -> dict[str, MetadataField]:
    """The best candidate of each field; outside the block, what a weak label names is none, nor what the block has a cell for."""
    named = {label.match.field for label in texts.labels if region is not None and _lies_in(label.line, region)}
    candidates: dict[str, list[MetadataField]] = {}
    for label, field in found:
        is_within = region is None or _lies_in(label.line, region)
        if is_within or label.match.rest or not (label.match.is_weak or field.field in named):
            candidates.setdefault(field.field, []).append(field)
    return {name: max(fields, key=_preference) for name, fields in candidates.items()}


def _lies_in(line: TextLine, region: BBox) -> bool:
    x0, y0, x1, y1 = region
    return x0 <= (line.bbox[0] + line.bbox[2]) / 2 <= x1 and y0 <= line.middle <= y1


def _is_block(candidates: set[str], texts: SheetTexts) -> bool:
    """Whether the fields found are those of a drawing: a form with a page number and a date is none."""
    if not candidates:
        return False
    kinds = {label.match.field for label in texts.labels if texts.is_small(label.cell)}
    if len(kinds) >= _MIN_LABELS and len(kinds & _TELLING) >= 2:
        return True
    return bool(candidates - _ON_EVERY_FORM and candidates & _TELLING) and len(candidates) >= 2


def _at_the_margins(lines: Sequence[TextLine], size: Size) -> list[TextLine]:
    """The lines near the top and the bottom of the sheet, where letterheads and notices stand."""
    return [line for line in lines if not _MARGIN * size[1] < line.middle < (1 - _MARGIN) * size[1]]


def _preference(field: MetadataField) -> tuple[float, float, float]:
    """The surest first, then the one nearest to the lower right corner, where title blocks stand."""
    x0, y0, _, _ = field.place.bbox or (0.0, 0.0, 0.0, 0.0)
    return field.confidence, y0, x0


def _height(field: MetadataField) -> float:
    box = field.place.bbox or (0.0, 0.0, 0.0, 0.0)
    return min(box[2] - box[0], box[3] - box[1]) / max(1, field.raw_text.count("\n") + 1)


def _add(best: dict[str, MetadataField], fields: Iterable[MetadataField]) -> None:
    """Takes those fields that are not known yet."""
    for field in fields:
        best.setdefault(field.field, field)


def finish_fields(fields: Iterable[MetadataField], lines: Sequence[TextLine], size: Size, labels: Labels) -> tuple[MetadataField, ...]:
    """The fields by name, with their normal forms and what one of them lends to another."""
    known = _with_lent({field.field: field for field in fields})
    evidence = _date_evidence(known, lines, size, labels) if "date" in known else DateEvidence()
    finished = []
    for _, field in sorted(known.items()):
        normal = with_normal(field, evidence)
        if (normal.place.page_number or 1) > 1:
            normal = replace(normal, confidence=round(normal.confidence - _LATER_SHEET, 2))
        finished.append(normal)
    return tuple(finished)


def _with_lent(best: dict[str, MetadataField]) -> dict[str, MetadataField]:
    """The part's number as the drawing's where it has no other; the number of sheets from '1/3'."""
    number = best.get("part_number")
    if number is not None and "drawing_number" not in best:
        best["drawing_number"] = replace(number, field="drawing_number", confidence=round(number.confidence - _SECOND_HAND, 2))
    sheet = best.get("sheet")
    if sheet is not None and "/" in sheet.value and "sheets" not in best:
        best["sheets"] = replace(sheet, field="sheets", value=sheet.value.partition("/")[2])
    return best


def _date_evidence(fields: dict[str, MetadataField], lines: Sequence[TextLine], size: Size, labels: Labels) -> DateEvidence:
    """Other dates of the sheet prove the order; then labels of a language that puts the day first; then its paper and units."""
    proved = order_of(line.text for line in lines)
    if proved is not None:
        return DateEvidence(day_first=proved)
    matches = [match for line in lines if (match := labels.match(line.text)) is not None]
    foreign = sum("en" not in match.languages and bool(match.languages & _DAY_FIRST) for match in matches)
    if foreign >= 2 and foreign >= 0.3 * len(matches):
        return DateEvidence(day_first=True)
    units = fields.get("units")
    in_inches = units is not None and with_normal(units, DateEvidence()).normalised == "in"
    american = in_inches or any(abs(min(size) - w) < 3 and abs(max(size) - h) < 3 for w, h in _MONTH_FIRST_SIZES)
    return DateEvidence(likely=not ("/" in fields["date"].value and american))
