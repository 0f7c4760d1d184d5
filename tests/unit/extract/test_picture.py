"""Pictures of pages and layouts, and where single entities stand on them."""

from __future__ import annotations

import pymupdf
import pytest

from pipeline.extract.errors import CorruptFile
from pipeline.extract.options import DEFAULT_OPTIONS
from pipeline.extract.picture import LONGER_SIDE, Picture, draw_picture
from tests.unit.extract.drawings import ENGLISH, draw_cells, dxf_bytes, new_dxf, pdf_of


def darkest(picture: Picture, box: tuple[float, float, float, float]) -> int:
    """Of the picture's pixels within a box given as shares."""
    pixmap = pymupdf.Pixmap(picture.data)
    x0, y0, x1, y1 = (round(share * side) for share, side in zip(box, (pixmap.width, pixmap.height) * 2, strict=True))
    return min(pixmap.pixel(x, y)[0] for x in range(x0, min(x1, pixmap.width)) for y in range(y0, min(y1, pixmap.height)))


@pytest.mark.parametrize(("rotation", "sides"), [(0, (595, 842)), (90, (842, 595))])
def test_a_page_is_drawn_as_it_is_displayed(rotation: int, sides: tuple[int, int]) -> None:
    picture = draw_picture(pdf_of([lambda page: draw_cells(page, ENGLISH)], rotation=rotation), DEFAULT_OPTIONS, "pdf", 1, ())
    assert picture.mime_type == "image/png"
    assert max(picture.width, picture.height) == LONGER_SIDE
    assert picture.width / picture.height == pytest.approx(sides[0] / sides[1], rel=0.01)


def test_a_page_that_is_a_photograph_is_packed_as_one() -> None:
    noise = pymupdf.Pixmap(pymupdf.csGRAY, 800, 800, bytes((7919 * n * n >> 7) % 256 for n in range(640_000)), False)
    data = pdf_of([lambda page: page.insert_image(page.rect, pixmap=noise)], size=(600, 600))
    assert draw_picture(data, DEFAULT_OPTIONS, "pdf", 1, ()).mime_type == "image/jpeg"


def test_an_entity_of_a_layout_has_the_box_in_which_it_is_drawn() -> None:
    document = new_dxf()
    space = document.modelspace()
    space.add_lwpolyline([(0, 0), (400, 0), (400, 200), (0, 200)], close=True)
    circle = space.add_circle((300, 150), 20)
    hidden = document.blocks.new("PART").add_circle((0, 0), 5)
    picture = draw_picture(dxf_bytes(document), DEFAULT_OPTIONS, "dxf", 1, (circle.dxf.handle, hidden.dxf.handle, "FFFF"))

    assert picture.boxes == {circle.dxf.handle: pytest.approx((0.7, 0.15, 0.8, 0.35), abs=0.01)}
    assert picture.width / picture.height == pytest.approx(2, rel=0.01)
    assert darkest(picture, picture.boxes[circle.dxf.handle]) < 100
    assert darkest(picture, (0.1, 0.2, 0.6, 0.8)) > 200


def test_a_layout_much_longer_than_high_keeps_its_places() -> None:
    document = new_dxf()
    document.modelspace().add_line((0, 0), (1000, 0))
    circle = document.modelspace().add_circle((500, 0), 5)
    picture = draw_picture(dxf_bytes(document), DEFAULT_OPTIONS, "dxf", 1, (circle.dxf.handle,))
    assert picture.width / picture.height == pytest.approx(4, rel=0.02)
    assert picture.boxes[circle.dxf.handle] == pytest.approx((0.495, 0.48, 0.505, 0.52), abs=0.002)


@pytest.mark.parametrize(("kind", "data"), [
    pytest.param("pdf", pdf_of([lambda page: None]), id="pdf"), pytest.param("dxf", dxf_bytes(new_dxf()), id="dxf"),
])
def test_a_page_that_is_not_there_is_named(kind: str, data: bytes) -> None:
    with pytest.raises(CorruptFile, match="has no"):
        draw_picture(data, DEFAULT_OPTIONS, kind, 9, ())


def test_an_empty_layout_is_named() -> None:
    with pytest.raises(CorruptFile, match="nothing"):
        draw_picture(dxf_bytes(new_dxf()), DEFAULT_OPTIONS, "dxf", 1, ())
