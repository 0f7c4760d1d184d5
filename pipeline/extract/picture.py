"""A page of a PDF or a layout of a DXF as a small picture, and where on it single entities stand."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.extract.errors import CorruptFile
from pipeline.extract.model import BBox
from pipeline.extract.options import ReadOptions

LONGER_SIDE = 1600  # pixels
MOST_PNG_BYTES = 300_000  # a larger one is a scan or a photograph, which JPEG packs better
JPEG_QUALITY = 60
_PAPER_MM = 300.0  # longer side on which a DXF is laid out: lines keep a width that can be seen
_MOST_ASPECT = 4.0
_MOST_BOXES = 500
_POINTS = ("defpoint", "defpoint2", "defpoint3", "defpoint4", "text_midpoint")  # of a dimension whose lines are in no block


@dataclass(frozen=True, slots=True)
class Picture:
    """width, height: pixels; boxes: entity handle → (x_min, y_min, x_max, y_max) as shares of width and height, y downwards."""

    data: bytes
    mime_type: str
    width: int
    height: int
    boxes: dict[str, BBox] = field(default_factory=dict)


def draw_picture(data: bytes, options: ReadOptions, kind: str, page_number: int, handles: Sequence[str]) -> Picture:  # noqa: ARG001
    """A picture of one page ('pdf') or layout ('dxf'), counted from 1 as the readers do.

    Raises CorruptFile where there is no such page.
    """
    return _pdf_page(data, page_number) if kind == "pdf" else _dxf_layout(data, page_number, handles)


def _pdf_page(data: bytes, page_number: int) -> Picture:
    import pymupdf  # lazy, as below: each library is for those who need it

    mupdf: Any = pymupdf
    mupdf.TOOLS.mupdf_display_errors(False)
    with mupdf.open(stream=data, filetype="pdf") as document:
        if document.needs_pass:
            document.authenticate("")
        if not 1 <= page_number <= document.page_count:
            raise CorruptFile(f"the PDF has no page {page_number}")
        page = document[page_number - 1]
        zoom = LONGER_SIDE / max(page.rect.width, page.rect.height, 1.0)
        return _packed(page.get_pixmap(matrix=mupdf.Matrix(zoom, zoom), colorspace=mupdf.csGRAY, alpha=False))


def _packed(pixmap: Any, boxes: dict[str, BBox] | None = None) -> Picture:
    png = bytes(pixmap.tobytes("png"))
    if len(png) <= MOST_PNG_BYTES:
        return Picture(png, "image/png", pixmap.width, pixmap.height, boxes or {})
    jpeg = bytes(pixmap.tobytes("jpeg", jpg_quality=JPEG_QUALITY))
    return Picture(jpeg, "image/jpeg", pixmap.width, pixmap.height, boxes or {})


def _dxf_layout(data: bytes, page_number: int, handles: Sequence[str]) -> Picture:
    import pymupdf
    from ezdxf.addons.drawing import layout as paper
    from ezdxf.addons.drawing.pymupdf import PyMuPdfBackend

    from pipeline.extract.dxf.reader import layouts

    document = _open_dxf(data)
    drawn = layouts(document)
    if not 1 <= page_number <= len(drawn):
        raise CorruptFile(f"the DXF has no layout {page_number}")
    layout = drawn[page_number - 1]
    backend = PyMuPdfBackend()
    _frontend(document, backend).draw_layout(layout)
    extents = backend.player().bbox()
    if not extents.has_data:
        raise CorruptFile("nothing on the layout can be drawn")
    width, height = max(extents.size.x, 1e-9), max(extents.size.y, 1e-9)
    sheet_width = _PAPER_MM * min(1.0, max(width / height, 1 / _MOST_ASPECT))
    sheet_height = _PAPER_MM * min(1.0, max(height / width, 1 / _MOST_ASPECT))
    page = paper.Page(sheet_width, sheet_height, paper.Units.mm, paper.Margins.all(0))
    png = backend.get_pixmap_bytes(page, fmt="png", settings=paper.Settings(fit_page=True), dpi=round(LONGER_SIDE / _PAPER_MM * 25.4))
    scale = min(sheet_width / width, sheet_height / height)
    frame = (sheet_width / scale, sheet_height / scale)
    boxes = _entity_boxes(document, layout, handles, (extents.center.x - frame[0] / 2, extents.center.y + frame[1] / 2), frame)
    return _packed(pymupdf.Pixmap(pymupdf.csGRAY, pymupdf.Pixmap(png)), boxes)  # type: ignore[no-untyped-call]


def _open_dxf(data: bytes) -> Any:
    """The whole document: what the readers leave out before loading is part of the picture. Recovery may renumber handles: it is last."""
    from ezdxf import recover
    from ezdxf.filemanagement import dxf_stream_info, read

    from pipeline.extract.dxf.opening import open_dxf

    openers = (
        lambda: read(io.StringIO(data.decode(dxf_stream_info(io.StringIO(data.decode("latin-1"))).encoding, "replace"), newline=None)),
        lambda: open_dxf(data).document,  # binary files, and damage that our own ladder copes with
        lambda: recover.read(io.BytesIO(data))[0],
    )
    for opener in openers:
        try:
            return opener()
        except MemoryError:
            raise
        except Exception:  # ezdxf raises its own errors, AttributeError, ValueError and more on damaged files
            continue
    raise CorruptFile("the DXF cannot be opened")


def _frontend(document: Any, backend: Any) -> Any:
    from ezdxf.addons.drawing.config import BackgroundPolicy, ColorPolicy, Configuration
    from ezdxf.addons.drawing.frontend import Frontend
    from ezdxf.addons.drawing.properties import RenderContext

    class Tolerant(Frontend):
        """Leaves out what it cannot draw: unknown fonts, damaged entities."""

        def draw_entity(self, entity: Any, properties: Any) -> None:
            try:
                super().draw_entity(entity, properties)
            except MemoryError:
                raise
            except Exception:  # of ezdxf or a font; the picture is only an aid
                return

    return Tolerant(RenderContext(document), backend,
                    config=Configuration(background_policy=BackgroundPolicy.WHITE, color_policy=ColorPolicy.BLACK))


def _entity_boxes(document: Any, layout: Any, handles: Sequence[str], corner: tuple[float, float],
                  size: tuple[float, float]) -> dict[str, BBox]:
    """Boxes of those entities that stand in the layout itself: within blocks they have many places or none.

    corner, size  of the picture in drawing units: left and top, width and height
    """
    from ezdxf import bbox

    there = {entity.dxf.get("handle") for entity in layout}  # the owner that an entity names is often wrong
    found: dict[str, BBox] = {}
    for handle in handles[:_MOST_BOXES]:
        entity = document.entitydb.get(handle)
        if entity is None or not entity.is_alive or (handle not in there and entity.dxftype() != "ATTRIB"):
            continue
        try:
            box = bbox.extents([entity], fast=True)
            if not box.has_data:
                box.extend(entity.dxf.get(name) for name in _POINTS if entity.dxf.hasattr(name))
        except Exception:  # an entity without a size of its own; the others keep their boxes
            continue
        if box.has_data:
            found[handle] = ((box.extmin.x - corner[0]) / size[0], (corner[1] - box.extmax.y) / size[1],
                             (box.extmax.x - corner[0]) / size[0], (corner[1] - box.extmin.y) / size[1])
    return found
