"""Pages of the sample files beside the repository, as the readers give them; tests that need them skip where there are none."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest

from pipeline.extract.dxf import read_dxf
from pipeline.extract.errors import ExtractionError
from pipeline.extract.options import ReadOptions
from pipeline.extract.pdf import read_pdf
from pipeline.extract.text.model import TextDocument

CORPUS = Path(os.environ.get("DRAFTMILL_CORPUS", "") or Path(__file__).parents[5] / "shared" / "corpus")
WITHOUT_OCR = ReadOptions(ocr="off")
needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus beside the repository")


@cache
def corpus_document(name: str) -> TextDocument:
    """A PDF or DXF of the corpus by its path in it."""
    path = CORPUS / name
    if not path.is_file():
        pytest.skip(f"{name} is not in this corpus")
    kind = path.suffix.lower()[1:]
    drawing = read_dxf(path.read_bytes()) if kind == "dxf" else read_pdf(path.read_bytes(), WITHOUT_OCR)
    return TextDocument(kind, drawing.pages, warnings=drawing.warnings)


def corpus_documents(max_bytes: int) -> list[TextDocument]:
    """Every PDF and DXF up to a size that can be read."""
    found = []
    for path in sorted(CORPUS.rglob("*")):
        if path.suffix.lower() not in {".pdf", ".dxf"} or path.stat().st_size > max_bytes:
            continue
        try:
            found.append(corpus_document(path.relative_to(CORPUS).as_posix()))
        except ExtractionError:
            continue
    return found
