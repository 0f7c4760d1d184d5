"""Read DXF: text per layout, title block, dimensions, layers, header variables."""

from __future__ import annotations

from pipeline.extract.model import Drawing
from pipeline.extract.options import DEFAULT_OPTIONS, ReadOptions


def read_dxf(data: bytes, options: ReadOptions = DEFAULT_OPTIONS) -> Drawing:  # noqa: ARG001
    """Everything that the bytes of one DXF give.

    Raises EmptyFile, CorruptFile or UnsupportedFormat where the bytes cannot be read.
    """
    from pipeline.extract.dxf.reader import read  # lazy: ezdxf is for those who read

    return read(data)
