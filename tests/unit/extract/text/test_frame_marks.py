"""Which blocks of a sheet are the zones of its frame."""

from __future__ import annotations

import pytest

from pipeline.extract.model import BBox, Block, Page
from pipeline.extract.options import DEFAULT_OPTIONS
from pipeline.extract.text.chunking import chunk_document
from pipeline.extract.text.frame_marks import is_frame_mark
from pipeline.extract.text.model import TextDocument

A4 = Page(1, "", "text_layer", width=842, height=595)


@pytest.mark.parametrize(("text", "bbox", "expected"), [
    pytest.param("4", (400, 8, 406, 18), True, id="number at the top"),
    pytest.param("8 7 6 5", (60, 580, 780, 590), True, id="row of numbers at the bottom"),
    pytest.param("B", (8, 200, 14, 210), True, id="letter at the left"),
    pytest.param("F F", (8, 300, 834, 310), True, id="one letter at both sides in one block"),
    pytest.param("4", (400, 200, 406, 210), False, id="balloon within the sheet"),
    pytest.param("10 12", (8, 300, 834, 310), False, id="two numbers far apart"),
    pytest.param("M8", (400, 300, 420, 310), False, id="thread"),
    pytest.param("Scale 1:2", (700, 580, 760, 590), False, id="words at the edge"),
])
def test_zone_marks_are_lone_and_at_the_edge(text: str, bbox: BBox, expected: bool) -> None:
    assert is_frame_mark(Block(text, bbox), A4) is expected


def test_chunks_of_a_sheet_are_without_the_zones_of_its_frame() -> None:
    blocks = (Block("1", (100, 8, 106, 18)), Block("A", (8, 100, 14, 110)), Block("Bearing flange", (600, 500, 700, 510)),
              Block("EN-GJL-250", (600, 520, 700, 530)))
    page = Page(1, "\n".join(block.text for block in blocks), "text_layer", width=842, height=595, blocks=blocks)
    assert [chunk.text for chunk in chunk_document(TextDocument("pdf", (page,)), DEFAULT_OPTIONS).chunks] == ["Bearing flange\nEN-GJL-250"]
