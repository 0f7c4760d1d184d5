"""Titles of documents whose pages are stored."""

from __future__ import annotations

import json

import pytest

from pipeline.extract.text.stored import stored_document

PROSE = "The bearings are greased every month by the person who runs the machine."


def title_of(title: str | None, stated: str | None, text: str = PROSE) -> str | None:
    page = {"page_number": 1, "text": text, "method": "text_layer", "width": 595.0, "height": 842.0, "rotation": 0,
            "has_text_layer": True, "confidence": 1.0, "blocks": []}
    stored = {"kind": "pdf", "title": title, "stated_title": stated, "warnings": [], "partial": False, "pages": [page]}
    return stored_document(json.dumps(stored).encode()).title


@pytest.mark.parametrize("stated", ["Pump Handbook", "Bestellung", "2010 Form 1040", "Eliquis, INN-apixaban"])
def test_a_written_document_has_the_title_that_it_states(stated: str) -> None:
    assert title_of(None, stated) == stated


@pytest.mark.parametrize("stated", [None, "", "Microsoft Word - Document1", "10811.exe", "Untitled-1", "PrinterJob", "New Output",
                                    "B1166-B2P-A", "Scope-pass", "Seite 1", "ID_and_Header"])
def test_what_a_program_writes_in_its_place_is_no_title(stated: str | None) -> None:
    assert title_of(None, stated) is None


def test_a_drawing_has_the_title_of_its_title_block_alone() -> None:
    assert title_of("Bracket", "Fan cover of another drawing") == "Bracket"
    assert title_of(None, "Fan cover of another drawing", text="8\n7\nDetail\nA-A") is None
