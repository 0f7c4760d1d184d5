"""Read DXF: text per layout, title block, dimensions, blocks, outlines, layers, header variables. DWG by way of a converter."""

from __future__ import annotations

from dataclasses import replace

from pipeline.extract.model import Drawing
from pipeline.extract.options import DEFAULT_OPTIONS, ReadOptions
from pipeline.extract.sniff import is_dwg


def read_dxf(data: bytes, options: ReadOptions = DEFAULT_OPTIONS) -> Drawing:
    """Everything that the bytes of one DXF, or of a DWG where a converter is configured, give.

    Raises EmptyFile, CorruptFile or UnsupportedFormat where the bytes cannot be read.
    """
    from pipeline.extract.dxf.reader import read  # lazy: ezdxf is for those who read

    if not is_dwg(data):
        return read(data, options)
    from pipeline.extract.dxf.dwg import convert_dwg

    converted, tool = convert_dwg(data, options.dwg_converter, seconds=options.dwg_seconds)
    drawing = read(converted, options)
    return replace(drawing, properties={**drawing.properties, "converted_from": "dwg"}, warnings=(f"converted:{tool}", *drawing.warnings))
