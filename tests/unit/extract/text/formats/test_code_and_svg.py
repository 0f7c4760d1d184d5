"""JSON, XML and SVG."""

from __future__ import annotations

import pytest

from pipeline.extract.errors import CorruptFile
from tests.unit.extract.text.formats.reading import blocks, read, texts

SVG = "image/svg+xml"


@pytest.mark.parametrize("mime", ["application/json", "application/x-ndjson", "application/xml"])
def test_data_is_read_as_it_stands(mime: str) -> None:
    result = read('{"part": "Bolt"}\n{"part": "Größe"}', mime)
    assert blocks(result) == [("code", '{"part": "Bolt"}\n{"part": "Größe"}')]
    assert (result.kind, result.pages[0].method) == ("text", "text")


def test_long_data_is_cut_into_blocks_at_line_ends() -> None:
    lines = [f'{{"number": {number}}}' for number in range(5000)]
    found = read("\n".join(lines), "application/x-ndjson")
    assert len(found.pages[0].blocks) > 1
    assert texts(found).splitlines() == lines


def test_xml_is_decoded_as_it_declares() -> None:
    data = '<?xml version="1.0" encoding="windows-1251"?><a>Насос</a>'.encode("cp1251")
    assert texts(read(data, "application/xml")).endswith("<a>Насос</a>")


def test_svg_gives_its_title_and_texts() -> None:
    result = read('<!DOCTYPE svg [<!ENTITY e "boom">]><svg xmlns="http://www.w3.org/2000/svg"><title>Plan</title><style>x</style>'
                  "<text>R<tspan>12</tspan></text><g><text> two\n words &e; </text></g></svg>", SVG)
    assert (result.title, blocks(result)) == ("Plan", [("heading", "Plan"), ("text", "R 12"), ("text", "two words")])


def test_what_is_no_markup_is_corrupt_and_what_breaks_off_is_partial() -> None:
    with pytest.raises(CorruptFile):
        read("no markup", SVG)
    result = read("<svg><text>one</text><text>two</te", SVG)
    assert (texts(result), result.partial, result.warnings) == ("one", True, ("damaged",))
