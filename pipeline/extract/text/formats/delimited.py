"""CSV and tables with tabs: which sign parts the cells, the rows, their header."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from statistics import mode
from typing import Final

from pipeline.extract.text.formats.building import TextBuilder
from pipeline.extract.text.formats.plain import builder_for
from pipeline.extract.text.formats.raw import Raw
from pipeline.extract.text.formats.tables import pieces
from pipeline.extract.text.model import TextDocument

_DELIMITERS: Final = (",", ";", "\t", "|")
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")
_SAMPLE_LINES: Final = 100
_SAMPLE_CHARS: Final = 200_000
_LONGEST_CELL: Final = 100  # lines in one cell; more come of a quote that nobody closed
_MAX_COLUMNS: Final = 20_000

csv.field_size_limit(100_000_000)  # a cell may be as long as a document; the usual limit would stop at 131,072


def read_delimited(raw: Raw) -> TextDocument:
    """The table in a CSV or TSV file."""
    builder, decoded = builder_for(raw, "csv")
    add_table(decoded.text, builder, tabs="tab" in raw.mime_type)
    return builder.document()


def add_table(text: str, builder: TextBuilder, *, tabs: bool = False) -> None:
    """The blocks of a text with delimited cells. tabs: whether it is said to be parted by tabs."""
    sample = text[:_SAMPLE_CHARS].splitlines()[:_SAMPLE_LINES]
    if sample and sample[0].lower().startswith("sep=") and sample[0][4:] in _DELIMITERS:  # what Excel writes for itself
        delimiter, text = sample[0][4], text[len(sample[0]) :].lstrip("\r\n")
    else:
        delimiter = _delimiter(sample, tabs=tabs)
    builder.set("delimiter", {"\t": "tab"}.get(delimiter, delimiter))
    rows: list[list[str]] = []
    try:
        rows.extend(_rows(text, delimiter))
    except csv.Error:
        builder.warn("damaged", partial=True)
    for piece in pieces(rows):
        builder.add(piece.text, piece.kind, header_rows=piece.header_rows)


def _delimiter(lines: Sequence[str], *, tabs: bool) -> str:
    """The sign that parts most lines into equally many cells, the usual ones first."""
    lines = [line for line in lines if line.strip()]
    if all(";" in line or "\t" in line for line in lines):
        lines = [_DECIMAL_COMMA.sub(".", line) for line in lines]
    best, best_score = ("\t" if tabs else ","), 0.0
    for delimiter in (("\t",) if tabs else ()) + _DELIMITERS:
        counts = [len(_cells(line, delimiter)) for line in lines]
        if not counts:
            continue
        usual = mode(counts)
        score = counts.count(usual) / len(counts) * min(usual, 5) if usual > 1 else 0.0
        if score > best_score * 1.001:
            best, best_score = delimiter, score
    return best


def _cells(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    """The rows; quotes are letters where one of them would swallow the rest of the file."""
    lines = text.splitlines(keepends=True)
    swallows = _swallows(lines, delimiter)
    for row in csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE if swallows else csv.QUOTE_MINIMAL):
        yield row[:_MAX_COLUMNS]


def _swallows(lines: Sequence[str], delimiter: str) -> bool:
    if not any('"' in line for line in lines):
        return False
    reader = csv.reader(lines, delimiter=delimiter)
    previous = 0
    for _ in reader:
        if reader.line_num - previous > _LONGEST_CELL:
            return True
        previous = reader.line_num
    return False
