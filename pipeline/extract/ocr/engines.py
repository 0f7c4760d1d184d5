"""Which engines read: by the options, loaded once a process and not before a page needs them."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Protocol

from pipeline.extract.options import ReadOptions

if TYPE_CHECKING:
    from pipeline.extract.ocr.lines import OcrLine
    from pipeline.extract.ocr.raster import SheetImage


class Engine(Protocol):
    """Something that reads the image of a sheet."""

    name: str

    def read(self, sheet: SheetImage) -> tuple[list[OcrLine], int]:
        """The lines in pixels of the image, and by how many degrees clockwise the sheet is turned to be read."""
        ...


def engines_for(options: ReadOptions) -> list[Engine]:
    """The engines that the options ask for, the leading one first. Raises EngineMissing, ImportError."""
    wants_tesseract = options.ocr in ("tesseract", "both") or (options.ocr == "auto" and bool(options.tesseract_cmd))
    engines: list[Engine] = []
    if options.ocr in ("auto", "rapidocr", "both"):
        engines.append(_rapid())
    if wants_tesseract:
        engines.append(_tesseract(options.tesseract_cmd or "tesseract", options.tesseract_lang))
    return engines


@functools.cache
def _rapid() -> Engine:
    from pipeline.extract.ocr.rapid import RapidEngine  # lazy: ONNX Runtime and the models are for pages without text

    return RapidEngine()


@functools.cache
def _tesseract(command: str, languages: str) -> Engine:
    from pipeline.extract.ocr.tesseract import TesseractEngine

    return TesseractEngine(command, languages)
