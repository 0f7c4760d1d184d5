"""Presentations."""

from __future__ import annotations

import io
from typing import Any

import pytest
from pptx import Presentation
from pptx.util import Inches

from pipeline.extract.errors import CorruptFile
from tests.unit.extract.text.formats.reading import PPTX, blocks, read, texts, with_parts


def saved(slides: Any) -> bytes:
    out = io.BytesIO()
    slides.save(out)
    return out.getvalue()


def slide(slides: Any, title: str = "", layout: int = 5) -> Any:
    made = slides.slides.add_slide(slides.slide_layouts[layout])
    if title:
        made.shapes.title.text = title
    return made


def box(shapes: Any, text: str, left: float, top: float) -> None:
    shapes.add_textbox(Inches(left), Inches(top), Inches(2), Inches(1)).text_frame.text = text


def test_a_slide_is_a_page_with_its_title_as_heading() -> None:
    slides = Presentation()
    slide(slides, "Torque", layout=1).placeholders[1].text_frame.text = "first\nsecond"
    slide(slides, "End")
    result = read(saved(slides), PPTX)
    assert [blocks(result, page) for page in (1, 2)] == [[("heading", "Torque"), ("list", "first\nsecond")], [("heading", "End")]]
    assert [(page.page_number, page.method, page.confidence) for page in result.pages] == [(1, "pptx", 1.0), (2, "pptx", 1.0)]
    assert result.properties["slides"] == 2


def test_shapes_are_read_from_the_top_whatever_their_order_in_the_file() -> None:
    slides = Presentation()
    made = slide(slides, "Title")
    box(made.shapes, "bottom", 1, 6)
    box(made.shapes, "right", 5, 3)
    box(made.shapes, "left", 1, 3)
    assert [text for _, text in blocks(read(saved(slides), PPTX))] == ["Title", "left", "right", "bottom"]


def test_tables_groups_and_notes_are_read() -> None:
    slides = Presentation()
    made = slide(slides, "Bolts")
    table = made.shapes.add_table(2, 2, Inches(1), Inches(2), Inches(4), Inches(1)).table
    for cell, text in zip(table.iter_cells(), ("Bolt", "Nm", "M6", "10"), strict=True):
        cell.text = text
    group = made.shapes.add_group_shape()
    box(group.shapes, "in a group", 1, 5)
    inner = group.shapes.add_group_shape()
    box(inner.shapes, "deeper", 1, 6)
    made.notes_slide.notes_text_frame.text = "Say this aloud"
    result = read(saved(slides), PPTX)
    assert blocks(result) == [
        ("heading", "Bolts"), ("table", "Bolt\tNm\nM6\t10"), ("text", "in a group"), ("text", "deeper"), ("text", "Say this aloud")]
    assert result.pages[0].blocks[1].header_rows == 1


def test_slides_without_text_are_pages_too() -> None:
    slides = Presentation()
    slide(slides, layout=6)
    slide(slides, "Second")
    result = read(saved(slides), PPTX)
    assert [(page.page_number, page.method, page.text) for page in result.pages] == [(1, "none", ""), (2, "pptx", "Second")]


def test_hidden_slides_are_kept_and_named() -> None:
    slides = Presentation()
    slide(slides, "Secret")._element.set("show", "0")
    result = read(saved(slides), PPTX)
    assert (texts(result), result.warnings) == ("Secret", ("hidden_slides",))


def test_a_damaged_slide_costs_the_others_nothing() -> None:
    slides = Presentation()
    slide(slides, "One")
    slide(slides, "Two")
    data = saved(slides)
    result = read(with_parts(data, {"ppt/slides/slide1.xml": "<p:sld"}), PPTX)
    assert [page.text for page in result.pages] == ["", "Two"]
    assert (result.partial, result.warnings) == (True, ("slide_damaged",))
    with pytest.raises(CorruptFile):
        read(with_parts(data, {"ppt/slides/slide1.xml": "<p:sld", "ppt/slides/slide2.xml": ""}), PPTX)


def test_text_beyond_the_bound_is_left_out_and_said_so() -> None:
    slides = Presentation()
    for number in range(5):
        box(slide(slides, f"Slide {number}").shapes, "word " * 100, 1, 3)
    result = read(saved(slides), PPTX, max_chars=1000)
    assert (result.partial, result.warnings) == (True, ("truncated",))
    assert len(texts(result)) <= 1010
