"""Named values: 'HARDNESS: 58-62 HRC', 'WEIGHT 2.3 kg', rows of tables with a name and a value.

A text is one only where its value is a number with a unit, or its name is one that drawings use (data/parameters.toml). Prose
and the fields of a title block give nothing here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.extract.grid import Cell, Grid
from pipeline.extract.labels import OTHER, match_label, normal_form
from pipeline.extract.model import Parameter
from pipeline.extract.normalise import clean_line
from pipeline.extract.sheet import TextLine, joined_place
from pipeline.extract.tables import Pieces, cell_text

_DICTIONARY = Path(__file__).parent / "data" / "parameters.toml"
_NOTE, _TABLE = 0.8, 0.75
_MAX_LINE, _MAX_NAME, _MAX_WORDS = 120, 48, 6
_MAX_TABLE_LINES = 1500
_NUMBER = r"[-+−]?\d{1,9}(?:[.,]\d{1,6})?"
_VALUE = re.compile(
    rf"^(?P<prefix>(?:approx\.?|ca\.?|about|max\.?|min\.?|[<>≤≥=~≈±]|DC|AC|\(|IP)?\s*)(?P<number>{_NUMBER})"
    rf"(?P<range>\s*(?:[-–—~…]|\.\.\.?|to|bis|à|до|\.\.|±|\+/-)\s*{_NUMBER})?\s*(?P<unit>[^\d\s][^;,]{{0,11}}|\"|)$"
)
_SEPARATED = re.compile(r"^\s*(?:\d{1,2}\s*[.)]\s*(?!\d))?(?P<name>[^\W\d_][^:：=]{1,47}?)\s*[:：=]\s*(?P<value>\S.{0,60})$")
_NOTE_NUMBER = re.compile(r"^\s*\d{1,2}\s*[.)]\s*(?!\d)")
_TRAILING = " .;,"
_THOUSANDS = re.compile(r"^[-+−]?\d{1,3},\d{3}$")


@dataclass(frozen=True, slots=True)
class _Unit:
    sign: str
    si: str
    factor: float
    offset: float


@dataclass(frozen=True, slots=True)
class _Tables:
    """key_of_name: normal form → name; unit_of: spelling → unit, as written and, where that is plain, in small letters."""

    key_of_name: dict[str, str]
    unit_of: dict[str, _Unit]
    longest_name: int


@dataclass(frozen=True, slots=True)
class Amount:
    """A value as a number: of a range the middle is not taken, so `number` is None there."""

    text: str
    number: float | None
    unit: str | None


@cache
def _load() -> _Tables:
    with _DICTIONARY.open("rb") as file:
        sections = tomllib.load(file)
    names = {normal_form(text): name for name, texts in sections["names"].items() for text in texts}
    units: dict[str, _Unit] = {}
    for sign, about in sections["units"].items():
        unit = _Unit(sign, about["si"], float(about["factor"]), float(about.get("offset", 0.0)))
        units.update(dict.fromkeys(about["names"], unit))
    return _Tables(names, units, max(len(name.split()) for name in names))


def name_key(name: str) -> str:
    """One name for what languages call differently: 'Härte' is 'hardness'; others in their normal form."""
    key = normal_form(name)
    return _load().key_of_name.get(key, key)


def in_si(number: float | None, unit: str | None) -> tuple[float | None, str | None]:
    """A value in the unit by which values of its kind are compared (mm, kg, N, Nm, MPa, °C, …); (None, None) where unknown."""
    known = _load().unit_of.get(unit or "")
    if number is None or known is None:
        return None, None
    return round((number + known.offset) * known.factor, 9), known.si


def read_amount(text: str) -> Amount | None:
    """A text that is a number, or a range of numbers, with or without a unit that is known; None otherwise."""
    match = _VALUE.match(text.strip(_TRAILING))
    if match is None or _THOUSANDS.match(match["number"]):
        return None
    written = match["unit"].strip(" )")
    unit = _load().unit_of.get(written)
    if written and unit is None:
        return None
    is_single = match["range"] is None or not re.match(r"\s*(?:[-–—~…]|\.|to|bis|à|до)", match["range"])
    number = float(match["number"].replace(",", ".").replace("−", "-")) if is_single else None
    return Amount(clean_line(text.strip(_TRAILING)), number, unit.sign if unit else None)


def find_parameters(lines: Sequence[TextLine], grid: Grid | None = None) -> tuple[Parameter, ...]:
    """The named values among a sheet's lines; with its rules also those of tables with a name and a value in each row."""
    found = [parameter for line in lines if (parameter := _of_line(line)) is not None]
    if grid is not None and len(lines) <= _MAX_TABLE_LINES:
        found += _of_tables(lines, grid)
    return tuple(_once(found))


def may_hold_table(lines: Sequence[TextLine]) -> bool:
    """Whether enough names of values stand on a sheet for its rules to be worth reading."""
    names = _load().key_of_name
    return sum(len(line.text) <= _MAX_NAME and normal_form(line.text) in names for line in lines) >= 2


def _of_line(line: TextLine) -> Parameter | None:
    text = line.text
    if len(text) > _MAX_LINE or len(text) < 4:
        return None
    named = _separated(text) if (":" in text or "=" in text or "：" in text) else _known_name(text)
    if named is None:
        return None
    name, amount = named
    return _parameter(name, amount, text, [line], "note", _NOTE)


def _separated(text: str) -> tuple[str, Amount] | None:
    """'NAME: VALUE' with a known unit, or with a known name."""
    match = _SEPARATED.match(text)
    if match is None or len(match["name"].split()) > _MAX_WORDS:
        return None
    label = match_label(text)
    if label is not None and label.field != OTHER:
        return None  # a field of the title block
    amount = read_amount(match["value"])
    if amount is None or (amount.unit is None and normal_form(match["name"]) not in _load().key_of_name):
        return None
    if amount.unit in _PLAIN_LENGTHS and normal_form(match["name"]) not in _load().key_of_name:
        return None  # a dimension, or the unit of a sheet
    return clean_line(match["name"]), amount


_PLAIN_LENGTHS = frozenset({"mm", "cm", "m", "in", "ft", "°", "%", "s", "h", "min", "t", "K", "F"})


def _known_name(text: str) -> tuple[str, Amount] | None:
    """'WEIGHT 2.3 kg': a known name, then a value with a unit."""
    words = clean_line(_NOTE_NUMBER.sub("", text)).split(" ")
    tables = _load()
    for count in range(min(tables.longest_name, len(words) - 1), 0, -1):
        if normal_form(" ".join(words[:count])) in tables.key_of_name:
            amount = read_amount(" ".join(words[count:]))
            return (" ".join(words[:count]), amount) if amount is not None and amount.unit is not None else None
    return None


def _of_tables(lines: Sequence[TextLine], grid: Grid) -> Iterator[Parameter]:
    """Known names whose value stands in the cell at their right."""
    names = _load().key_of_name
    known = [line for line in lines if len(line.text) <= _MAX_NAME and normal_form(line.text) in names]
    if len(known) < 2:
        return
    index = Pieces(lines)
    cells = [grid.cell_at(_middle(line), line.middle) for line in known]
    for name, own in zip(known, cells, strict=True):
        _, top, right, bottom = own.box()
        if not own.is_closed or not any(_is_over(other, own, grid.tolerance) for other in cells):
            continue
        beside = [line for line in index.between(top, bottom) if line.bbox[0] >= right - grid.tolerance]
        values = [line for line in beside if _is_right_of(grid.cell_at(_middle(line), line.middle), own, grid.tolerance)]
        amount = read_amount(cell_text(values)) if values else None
        if amount is not None:
            yield _parameter(name.text, amount, f"{name.text} {amount.text}", [name, *values], "table", _TABLE)


def _middle(line: TextLine) -> float:
    return (line.bbox[0] + line.bbox[2]) / 2


def _is_right_of(cell: Cell, of: Cell, tolerance: float) -> bool:
    if cell.left is None or of.right is None or cell.top is None or of.top is None:
        return False
    return cell.is_closed and abs(cell.left - of.right) <= 3 * tolerance and abs(cell.top - of.top) <= 3 * tolerance


def _is_over(cell: Cell, other: Cell, tolerance: float) -> bool:
    """Whether two cells stand in one column, one on top of the other."""
    if not cell.is_closed or not other.is_closed or cell.left is None or other.left is None:
        return False
    _, top, _, bottom = cell.box()
    _, other_top, _, other_bottom = other.box()
    return abs(cell.left - other.left) <= 3 * tolerance and min(abs(bottom - other_top), abs(other_bottom - top)) <= 3 * tolerance


def _parameter(name: str, amount: Amount, raw: str, lines: Sequence[TextLine], source: str, confidence: float) -> Parameter:
    place = joined_place([line.place for line in lines])
    return Parameter(clean_line(name), amount.text, clean_line(raw), place, source, confidence, source, amount.number, amount.unit)


def _once(found: Iterable[Parameter]) -> Iterator[Parameter]:
    """Each name and value once a sheet: texts are printed twice to look bold."""
    seen: set[tuple[str, str]] = set()
    for one in found:
        key = normal_form(one.name), normal_form(one.value)
        if key not in seen:
            seen.add(key)
            yield one
