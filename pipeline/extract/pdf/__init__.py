"""Read PDF: text per page, title block, dimensions, document information."""

from __future__ import annotations

from pipeline.extract.model import Drawing
from pipeline.extract.options import DEFAULT_OPTIONS, ReadOptions


def read_pdf(data: bytes, options: ReadOptions = DEFAULT_OPTIONS) -> Drawing:
    """Everything that the bytes of one PDF give.

    Raises EmptyFile, EncryptedFile or CorruptFile where the bytes cannot be read.
    """
    from pipeline.extract.pdf.reader import read  # lazy: MuPDF is for those who read

    return read(data, options)
