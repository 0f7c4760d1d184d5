"""What holds of every document: chunks can be cut out again, cover the text, keep their order and size, and never change."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.extract.model import Block, Page
from pipeline.extract.options import ReadOptions
from pipeline.extract.text.chunking import chunk_document
from pipeline.extract.text.model import ChunkedDocument, TextDocument
from pipeline.extract.text.record import chunk_lines, document_record
from tests.unit.extract.text.documents import SOURCE, with_options

WORDS = st.sampled_from(
    ["shaft", "Welle", "z. B.", "Fig. 3", "3.5 mm.", "exam-\nple", "\ufb01t", "DM-\n1001", "深圳市创想。三维", "e\u0301", "a" * 70,
     "End.", "Stop!", "\n", "\t", "\u00ad\n", "🇩🇪🇫🇷", "no\u200bbreak", "x"]
)  # fmt: skip
SENTENCES = st.lists(WORDS, max_size=60).map(" ".join)
TEXT = SENTENCES | st.text(alphabet=st.characters(), max_size=80) | st.integers(1, 300).map("e\u0301".__mul__)
KINDS = st.sampled_from(["text", "text", "heading", "table", "code", "list", "footer"])
SIZES = st.none() | st.sampled_from([9.0, 12.0, 18.0])
BLOCKS = st.builds(Block, TEXT, kind=KINDS, level=st.none() | st.integers(1, 4), size=SIZES, header_rows=st.integers(0, 2))


@st.composite
def pages(draw: st.DrawFn) -> Page:
    blocks = tuple(draw(st.lists(BLOCKS, max_size=6)))
    text = "\n".join(block.text for block in blocks)
    method = draw(st.sampled_from(["text_layer", "ocr", "none"]))
    confidence = draw(st.none() | st.floats(0, 1))
    kept = blocks if draw(st.booleans()) else ()
    return Page(draw(st.integers(1, 3)), text, method, confidence=confidence, blocks=kept)


FORMATS = st.sampled_from(["pdf", "docx", "pptx", "text"])
DOCUMENTS = st.builds(TextDocument, FORMATS, st.lists(pages(), max_size=5).map(tuple), st.none() | TEXT)
OPTIONS = st.builds(with_options, chunk_chars=st.integers(40, 400), chunk_overlap=st.integers(0, 120))


def covered(chunked: ChunkedDocument) -> bool:
    seen = bytearray(len(chunked.text))
    for chunk in chunked.chunks:
        seen[chunk.start : chunk.stop] = b"\x01" * (chunk.stop - chunk.start)
    return all(seen[place] or character.isspace() for place, character in enumerate(chunked.text))


@settings(max_examples=300, deadline=None)
@given(DOCUMENTS, OPTIONS)
def test_chunks_can_be_cut_out_again_and_nothing_is_left_out(document: TextDocument, options: ReadOptions) -> None:
    chunked = chunk_document(document, options)
    for chunk in chunked.chunks:
        assert chunk.text == chunked.text[chunk.start : chunk.stop]
        assert chunk.text.strip() == chunk.text
        assert chunk.text
        assert 0 <= chunk.confidence <= 1
    assert covered(chunked)
    assert [chunk.sequence for chunk in chunked.chunks] == list(range(1, len(chunked.chunks) + 1))
    ends = [(chunk.start, chunk.stop) for chunk in chunked.chunks]
    assert all(before[0] < after[0] and before[1] < after[1] for before, after in pairwise(ends))


@settings(max_examples=200, deadline=None)
@given(DOCUMENTS, OPTIONS)
def test_no_chunk_is_longer_than_a_fifth_above_the_target(document: TextDocument, options: ReadOptions) -> None:
    chunked = chunk_document(document, options)
    assert all(len(chunk.text) <= 1.2 * options.chunk_chars for chunk in chunked.chunks)


@settings(max_examples=100, deadline=None)
@given(DOCUMENTS, OPTIONS)
def test_records_of_any_document_are_valid_and_the_same_each_time(document: TextDocument, options: ReadOptions) -> None:
    one, other = (chunk_document(document, options) for _ in range(2))
    assert one == other
    assert chunk_lines(one, SOURCE) == chunk_lines(other, SOURCE)
    assert document_record(one, SOURCE) == document_record(other, SOURCE)
    assert chunk_lines(one, SOURCE).count(b"\n") == len(one.chunks)
