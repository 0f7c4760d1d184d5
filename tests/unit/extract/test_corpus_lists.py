"""Parts lists of real files add up to the totals that stand on them (skipped where there is no corpus)."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pymupdf
import pytest

from pipeline.extract.bom import BomReader
from pipeline.extract.dxf import read_dxf
from pipeline.extract.options import ReadOptions
from pipeline.extract.pdf import read_pdf
from pipeline.extract.pdf.pages import read_sheet
from pipeline.extract.pdf.paths import PagePaths

MAX_BYTES = 2_000_000
MAX_PAGES = 10
WITHOUT_OCR = ReadOptions(ocr="off")


@pytest.mark.parametrize(
    ("file", "rows", "parts"),
    [
        ("pdf/um3__BOM_Ultimaker_3.pdf", 159, 438),  # three pages, the header on the first
        ("pdf/um3__1476_subBOM_reel_holder_assembly.pdf", 7, 7),
        ("pdf/um3__subBOM_Ultimaker_Print_Core_AA_0.4.pdf", 17, 17),  # its stated total, 16, is wrong
        ("pdf/um3__subBOM_Ultimaker_Print_Core_BB_0.4.pdf", 17, 17),
        ("linked/ultimaker-original-plus/BOM/BOM Ultimaker Original+.pdf", 167, 662),  # four pages, Dutch, with headings between the rows
    ],
)
def test_quantities_add_up_to_the_total_that_the_list_states(corpus: Path, file: str, rows: int, parts: int) -> None:
    items = read_pdf((corpus / file).read_bytes(), WITHOUT_OCR).bom_items
    assert [one.row_number for one in items] == list(range(1, rows + 1))
    assert sum(one.quantity or 0 for one in items) == parts
    assert all(one.part_number and one.description for one in items)


def test_a_tabbed_list_on_layers_that_are_off_is_read(corpus: Path) -> None:
    items = read_dxf((corpus / "dxf/dxfparser__api-cw750-details.dxf").read_bytes()).bom_items
    assert len(items) == 18
    assert (items[0].part_number, items[0].description) == ("CW750-001", '2 1/2"x5 1/4" Light Mullion for 1" glass')


def test_no_other_file_of_the_corpus_holds_a_list(corpus: Path) -> None:
    """Forms, reports, statements, schematics and title blocks: every one of their tables is something else."""
    found = []
    for path in sorted((corpus / "pdf").glob("*.pdf")):
        if "BOM" not in path.name and path.stat().st_size <= MAX_BYTES:
            found += [f"{path.name} page {page}" for page in pages_with_lists(path)]
    assert found == []


def pages_with_lists(path: Path) -> list[int]:
    reader = BomReader()
    try:
        with pymupdf.open(path) as document:
            for page in document.pages(0, min(len(document), MAX_PAGES)):
                sheet = read_sheet(page, page.number + 1)
                paths = PagePaths(page, sheet.frame)
                reader.read_sheet(sheet, partial(getattr, paths, "grid"))
    except Exception:
        return []  # what cannot be read is another test's matter
    return [one.page_number for one in reader.lists]
