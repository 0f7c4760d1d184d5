"""Every PDF and DXF of the corpus ends in a drawing or in a named error (skipped where there is no corpus)."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from pipeline.extract.dxf import read_dxf
from pipeline.extract.errors import ExtractionError
from pipeline.extract.model import Drawing
from pipeline.extract.pdf import read_pdf

CORPUS = Path(os.environ.get("DRAFTMILL_CORPUS", "") or Path(__file__).parents[4] / "shared" / "corpus")
READERS = {".pdf": read_pdf, ".dxf": read_dxf}
MAX_BYTES = 5_000_000  # the few larger files take seconds each and show nothing new

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus beside the repository")


def corpus_files(suffix: str) -> list[Path]:
    files = (path for path in CORPUS.rglob("*") if path.is_file() and path.suffix.lower() == suffix)
    return sorted(path for path in files if path.stat().st_size <= MAX_BYTES)


def read(path: Path) -> Drawing | ExtractionError:
    try:
        return READERS[path.suffix.lower()](path.read_bytes())
    except ExtractionError as error:
        return error


@pytest.mark.parametrize("suffix", sorted(READERS))
def test_every_file_of_the_corpus_is_read_or_named(suffix: str, capfd: pytest.CaptureFixture[str]) -> None:
    results = {path: read(path) for path in corpus_files(suffix)}
    assert results
    drawings = [result for result in results.values() if isinstance(result, Drawing)]
    assert len(drawings) > 0.7 * len(results)
    for drawing in drawings:
        assert drawing.pages
        for text in (page.text for page in drawing.pages):
            text.encode("utf-8")
            assert "\x00" not in text
        json.dumps(drawing.properties, allow_nan=False)
        assert all(0 < found.confidence <= 1 for found in (*drawing.metadata, *drawing.dimensions))
        places = [(field.place.page_number, field.field) for field in drawing.metadata]
        assert len(places) == len(set(places))
    for error in (result for result in results.values() if isinstance(result, ExtractionError)):
        assert error.reason in {"encrypted", "corrupt", "empty", "unsupported"}
    assert capfd.readouterr() == ("", "")


def test_labelled_fields_of_the_corpus_are_found_and_few_are_invented() -> None:
    """Precision and recall of the title-block fields over labelled files with a text layer."""
    right = wrong = missing = 0
    for line in (CORPUS / "LABELS.jsonl").read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        result = read(CORPUS / label["file"])
        if not isinstance(result, Drawing) or not result.has_text_layer:
            continue
        found = {field.field: field.value for field in reversed(result.metadata)}
        for name in ("drawing_number", "title", "revision", "material", "scale", "date", "author", "sheet", "company"):
            if name not in label["fields"]:
                continue
            accepted = label["fields"][name]
            accepted = accepted if isinstance(accepted, list) else [accepted]
            if name not in found:
                missing += accepted != [None]
            elif found[name] in accepted:
                right += 1
            else:
                wrong += 1
    assert right / (right + wrong) > 0.95
    assert right / (right + missing) > 0.95
