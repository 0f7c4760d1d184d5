"""Every PDF and DXF of the corpus: chunks that cut out again, cover the text and make valid records (skipped without a corpus)."""

from __future__ import annotations

import json

import pytest

from pipeline.extract.text.chunking import chunk_document
from pipeline.extract.text.record import chunk_lines, document_record
from tests.unit.extract.text.corpus import corpus_document, corpus_documents, needs_corpus
from tests.unit.extract.text.documents import SOURCE, with_options

pytestmark = needs_corpus


def test_every_chunk_of_the_corpus_can_be_cut_out_of_its_document_record() -> None:
    documents = corpus_documents(1_000_000)
    assert len(documents) > 100
    for document in documents:
        chunked = chunk_document(document, with_options())
        record = json.loads(document_record(chunked, SOURCE))
        text = record["content"]["fullText"]
        seen = bytearray(len(text))
        for line in chunk_lines(chunked, SOURCE).splitlines():
            place, content = (json.loads(line)[part] for part in ("provenance", "content"))
            start, stop = place["contentOffsetStart"], place["contentOffsetEnd"]
            assert text[start:stop] == content["chunkText"]
            assert stop - start <= 1200
            seen[start:stop] = b"\x01" * (stop - start)
        assert all(seen[place] or character.isspace() for place, character in enumerate(text))


def test_files_of_the_corpus_that_hold_text_have_chunks() -> None:
    documents = [document for document in corpus_documents(1_000_000) if any(len(page.text.split()) > 2 for page in document.pages)]
    assert sum(bool(chunk_document(document, with_options()).chunks) for document in documents) >= 0.99 * len(documents)


def test_no_word_of_real_drawings_is_lost() -> None:
    """Sheets have no running heads: all that the page record says is in the chunks."""
    for document in corpus_documents(300_000):
        if document.kind != "dxf":
            continue
        text = " ".join(chunk_document(document, with_options()).text.split())
        for page in document.pages:
            for word in page.text.split():
                assert word in text


@pytest.mark.parametrize("name", ["pdf/pdfjs__tracemonkey.pdf", "pdf/pdfjs__pdkids.pdf", "pdf/plumber__federal-register-2020-17221.pdf"])
def test_real_prose_is_cut_at_sentences_and_told_its_language(name: str) -> None:
    chunked = chunk_document(corpus_document(name), with_options())
    assert chunked.language == "en"
    within = [chunk for chunk, after in zip(chunked.chunks, chunked.chunks[1:], strict=False) if chunk.section_path == after.section_path]
    assert sum(chunk.text[-1] in ".!?:;\"'’”)" for chunk in within) >= 0.75 * len(within)
