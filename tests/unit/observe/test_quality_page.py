"""The quality page: safe whatever a document says, boxes where they belong, nothing from elsewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from uuid import UUID

import pytest

from pipeline.extract.picture import Picture
from pipeline.observe.quality_page import View, write_page
from pipeline.observe.quality_sheets import Mark, Sheet

NOBODY = UUID(int=0)
PICTURE = Picture(b"not looked into", "image/png", 1600, 1131)
EVIL = '</b><script>alert(1)</script>"><img src=x onerror=alert(2)>\u202e\x07'


class Reader(HTMLParser):
    """Tags with their attributes, and all text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        self.text += data


def sheet(**changes: object) -> Sheet:
    values: dict[str, object] = {
        "blob_id": NOBODY, "tenant_id": NOBODY, "source_store": "main", "blob_key": "a/one.pdf", "kind": "pdf", "program": "SolidWorks",
        "points": 0, "reasons": (), "page_number": 1, "width": 1000.0, "height": 500.0, "method": "text_layer", "confidence": 1.0,
        "page_count": 1}
    return Sheet(**(values | changes))  # type: ignore[arg-type]


def field(name: str = "title", text: str = "Plate", bbox: tuple[float, float, float, float] | None = (100, 50, 200, 100),
          confidence: float = 0.9, handle: str | None = None) -> Mark:
    return Mark("field", name, text, bbox, handle, confidence, "title_block.same_cell")


def page(tmp_path: Path, *views: View) -> str:
    assert write_page(tmp_path / "page.html", [("PDFs with text", "95 %, met")], views) == len(views)
    return (tmp_path / "page.html").read_text(encoding="utf-8")


def boxes(text: str) -> list[str]:
    return [attributes["style"] or "" for tag, attributes in Reader(text).tags if tag == "i"]


def test_a_value_stands_in_a_box_at_its_place_and_in_the_list(tmp_path: Path) -> None:
    text = page(tmp_path, View(sheet(), [field()], PICTURE))
    assert boxes(text) == ["left:10.00%;top:10.00%;width:10.00%;height:10.00%"]
    assert "title = Plate" in Reader(text).text
    assert "not found: drawing_number, revision, material" in Reader(text).text


def test_an_entity_of_a_dxf_stands_where_the_picture_has_it(tmp_path: Path) -> None:
    picture = Picture(b"", "image/png", 10, 10, {"2F": (0.25, 0.5, 0.75, 0.6)})
    marks = [field(bbox=None, handle="2F"), field(bbox=None, handle="30")]
    text = page(tmp_path, View(sheet(kind="dxf", width=None, height=None), marks, picture))
    assert boxes(text) == ["left:25.00%;top:50.00%;width:50.00%;height:10.00%"]


@pytest.mark.parametrize(("bbox", "style"), [
    pytest.param((-50, -50, 100, 100), "left:0.00%;top:0.00%;width:10.00%;height:20.00%", id="over the edge"),
    pytest.param((500, 250, 500, 250), "left:50.00%;top:50.00%;width:0.40%;height:0.40%", id="without a size"),
    pytest.param((1100, 50, 1200, 100), None, id="off the page"),
])
def test_boxes_are_held_within_the_picture(tmp_path: Path, bbox: tuple[float, float, float, float], style: str | None) -> None:
    assert boxes(page(tmp_path, View(sheet(), [field(bbox=bbox)], PICTURE))) == ([style] if style else [])


def test_whatever_a_document_says_is_only_text(tmp_path: Path) -> None:
    evil = field(name=EVIL, text=EVIL)
    read = Reader(page(tmp_path, View(sheet(blob_key=EVIL, program=EVIL), [evil], EVIL), View(sheet(), [evil], PICTURE)))
    assert {tag for tag, _ in read.tags} & {"script", "iframe", "object", "link"} == set()
    assert [attributes for tag, attributes in read.tags if tag == "img" and not (attributes["src"] or "").startswith("data:image/")] == []
    assert all(not name.startswith("on") for _, attributes in read.tags for name in attributes)
    assert "\u202e" not in read.text
    assert "\x07" not in read.text
    assert read.text.count("<script>alert(1)</script>") >= 5


def test_nothing_is_loaded_from_elsewhere(tmp_path: Path) -> None:
    text = page(tmp_path, View(sheet(), [field()], PICTURE))
    assert re.findall(r"https?:|url\(|@import", text) == []
    [policy] = [attributes["content"] for tag, attributes in Reader(text).tags if attributes.get("http-equiv") == "Content-Security-Policy"]
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def test_a_sheet_without_a_picture_says_why_and_still_has_its_values(tmp_path: Path) -> None:
    read = Reader(page(tmp_path, View(sheet(reasons=("read in part",)), [field()], "the file is no longer at its place")))
    assert "No picture: the file is no longer at its place." in read.text
    assert "Plate" in read.text
    assert "read in part" in read.text


def test_what_is_unsure_is_marked_as_such(tmp_path: Path) -> None:
    text = page(tmp_path, View(sheet(), [field(confidence=0.59), field("revision", "B", confidence=0.61)], PICTURE))
    assert [("unsure" in (attributes["class"] or "")) for tag, attributes in Reader(text).tags if tag == "i"] == [True, False]


def test_a_page_that_breaks_off_leaves_the_old_one_and_no_rest(tmp_path: Path) -> None:
    def views() -> object:
        yield View(sheet(), [], PICTURE)
        raise OSError("the disk is full")

    (tmp_path / "page.html").write_text("old", encoding="utf-8")
    with pytest.raises(OSError, match="full"):
        write_page(tmp_path / "page.html", [], views())  # type: ignore[arg-type]
    assert [(path.name, path.read_text(encoding="utf-8")) for path in tmp_path.iterdir()] == [("page.html", "old")]


def test_no_sheets_is_said(tmp_path: Path) -> None:
    assert "No sheets to show." in page(tmp_path)
