"""Pictures and scans: a page a picture, read by OCR as scanned PDF pages are."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pymupdf

from pipeline.extract.errors import BombFile, CorruptFile
from pipeline.extract.model import Page
from pipeline.extract.ocr.budget import OcrBudget
from pipeline.extract.options import ReadOptions
from pipeline.extract.sniff import describe
from pipeline.extract.text.formats.building import TextBuilder
from pipeline.extract.text.formats.raw import Raw
from pipeline.extract.text.model import TextDocument

if TYPE_CHECKING:
    from pipeline.extract.ocr.engines import Engine

MAX_PIXELS: Final = 250_000_000  # of one picture, unpacked: A0 at 400 dpi has 240 million
_USUAL_DPI: Final = 200.0  # taken where the file does not say: its pixels are read as they are, for enlarged letters are read worse
_SCREEN_DPI: Final = 120.0  # up to which what a file says is no scanner's resolution
_MEND: Final = "open it in a program for pictures and save it again, or replace the file"

log = logging.getLogger(__name__)

_mupdf: Any = pymupdf  # annotated in parts only
_mupdf.TOOLS.mupdf_display_errors(False)
_mupdf.TOOLS.mupdf_display_warnings(False)


def read_picture(raw: Raw) -> TextDocument:
    """The text in a picture; raises CorruptFile or BombFile where it cannot be opened."""
    builder = TextBuilder("image", raw.options, method="ocr")
    with _opened(raw) as document:
        builder.properties["page_count"] = document.page_count
        reader = _Pictures(raw.options)
        damaged = 0
        for index in range(document.page_count):
            try:
                builder.add_page(reader.page(document.load_page(index), index + 1))
            except (MemoryError, BombFile):
                raise
            except Exception:  # one bad page never costs the others
                damaged += 1
        if damaged == document.page_count:
            raise CorruptFile(f"the picture cannot be read: {_MEND}")
    if damaged:
        builder.warn(f"pages_unreadable:{damaged}", partial=True)
    for word in reader.warnings():
        builder.warn(word, partial=not word.startswith("ocr:"))
    return builder.document()


@contextmanager
def _opened(raw: Raw) -> Iterator[Any]:
    try:
        document = _mupdf.open(stream=_as_mupdf_reads(raw), filetype=_suffix(raw))
    except Exception as error:  # MuPDF raises several kinds, none with a stable base
        kind = describe(raw.data)
        seems = f"; it looks like {kind}" if kind else ""
        raise CorruptFile(f"the picture cannot be opened ({type(error).__name__}){seems}: {_MEND}") from error
    try:
        if document.page_count < 1:
            raise CorruptFile(f"the file holds no picture: {_MEND}")
        yield document
    finally:
        document.close()
        _mupdf.TOOLS.store_shrink(100)  # MuPDF's cache would otherwise grow from file to file


def _suffix(raw: Raw) -> str:
    kind = raw.mime_type.partition("/")[2]
    return "png" if kind == "webp" else kind


def _as_mupdf_reads(raw: Raw) -> bytes:
    """The bytes, or for WebP, which MuPDF does not read, those of a PNG."""
    if raw.mime_type != "image/webp":
        return raw.data
    width, height = _webp_size(raw.data)
    if width * height > MAX_PIXELS:
        raise BombFile(f"the picture has {width} x {height} pixels: save it smaller")
    import cv2  # lazy: OpenCV is for those who read pictures
    import numpy as np

    picture = cv2.imdecode(np.frombuffer(raw.data, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise CorruptFile(f"the picture cannot be opened: {_MEND}")
    return bytes(cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1])


def _webp_size(data: bytes) -> tuple[int, int]:
    """(width, height) as the head of a WebP file says; (0, 0) where it has none of the known kinds."""
    kind, head = data[12:16], data[16:40]
    if kind == b"VP8X" and len(head) >= 14:
        return 1 + int.from_bytes(head[8:11], "little"), 1 + int.from_bytes(head[11:14], "little")
    if kind == b"VP8L" and len(head) >= 9:
        bits = int.from_bytes(head[5:9], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and len(head) >= 14:
        return int.from_bytes(head[10:12], "little") & 0x3FFF, int.from_bytes(head[12:14], "little") & 0x3FFF
    return 0, 0


@dataclass
class _Pictures:
    """OCR of one file's pictures within the bounds that a file has. read, left_out, failed: page numbers."""

    options: ReadOptions
    read: list[int] = field(default_factory=list)
    left_out: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    _engines: list[Engine] | None = None

    def __post_init__(self) -> None:
        self._budget = OcrBudget(self.options)

    def page(self, picture: Any, number: int) -> Page:
        """One picture as a page: its text by OCR, or none where that is off, failed or beyond the bounds."""
        width, height = _size(picture)
        blank = Page(number, "", "none", width=round(width, 2), height=round(height, 2))
        if self.options.ocr == "off":
            return blank
        if not self._budget.allows(len(self.read)):
            self.left_out.append(number)
            return blank
        try:
            with self._budget.spent():
                found = self._recognised(picture, number, (width, height))
        except MemoryError:
            raise
        except Exception as error:  # an engine's fault costs the picture its text
            log.warning("ocr.failed", extra={"page_number": number, "error": type(error).__name__})
            self.failed.append(number)
            return blank
        self.read.append(number)
        return found

    def _recognised(self, picture: Any, number: int, size: tuple[float, float]) -> Page:
        from pipeline.extract.ocr.engines import engines_for  # lazy: brings OpenCV and the models
        from pipeline.extract.ocr.reading import read_image

        if self._engines is None:
            self._engines = engines_for(self.options)
        sheet, _ = read_image(
            lambda dpi: _render(picture, dpi, size), self._engines, number, size, is_scan=True, dpi=self.options.ocr_dpi)
        width, height = round(size[0], 2), round(size[1], 2)
        return Page(number, sheet.text, sheet.method, width, height, confidence=sheet.confidence, blocks=sheet.blocks)

    def warnings(self) -> list[str]:
        """What became of the pages, as stable words."""
        counts = (("ocr", self.read), ("ocr_left_out", self.left_out), ("ocr_failed", self.failed))
        return [f"{word}:{len(pages)}" for word, pages in counts if pages]


def _size(picture: Any) -> tuple[float, float]:
    """(width, height) in points. A picture that claims a screen's resolution is taken for one that does not say its own.

    Raises BombFile for more pixels than any scanner makes.
    """
    info = picture.get_image_info()
    pixels = max(((one["width"], one["height"]) for one in info), default=(0, 0))
    if pixels[0] * pixels[1] > MAX_PIXELS:
        raise BombFile(f"a picture has {pixels[0]} x {pixels[1]} pixels: save it smaller")
    width, height = float(picture.rect.width), float(picture.rect.height)
    dpi = 72.0 * max(pixels) / max(width, height, 1.0)
    if dpi > _SCREEN_DPI:
        return width, height
    return width * dpi / _USUAL_DPI, height * dpi / _USUAL_DPI


def _render(picture: Any, dpi: float, size: tuple[float, float]) -> Any:
    """The picture in greys, as large as a page of this size is at so many pixels an inch."""
    import numpy as np

    scale = dpi / 72.0
    matrix = _mupdf.Matrix(scale * size[0] / picture.rect.width, scale * size[1] / picture.rect.height)
    pixmap = picture.get_pixmap(matrix=matrix, colorspace=_mupdf.csGRAY, alpha=False)
    rows = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.stride)
    return np.ascontiguousarray(rows[:, : pixmap.width])
