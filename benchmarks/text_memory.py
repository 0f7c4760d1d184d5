"""Memory of one child process that reads, chunks and embeds every text-bearing file of the corpus, one after the other.

    python benchmarks/text_memory.py [--quick] [--json] [--corpus ../shared/corpus] [--ocr off|auto]

As a worker's child does it: pages of PDF and DXF, text of all other formats, chunks with their records, vectors of the built-in
model. Resident memory is looked at after each file, and the highest of the process counts. Limit: 300 MB. With --ocr auto the
models of the OCR engine, and pictures of pages, come on top.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.child import in_child, resident_mb
from benchmarks.corpus import CORPUS, every
from pipeline.embed.reader import embed_chunks
from pipeline.extract.errors import ExtractionError
from pipeline.extract.model import Drawing
from pipeline.extract.options import ReadOptions
from pipeline.extract.text import TEXT_MIME_TYPES, read_text
from pipeline.extract.text.chunking import chunk_document
from pipeline.extract.text.model import SourceFile, TextDocument
from pipeline.extract.text.record import chunk_lines, search_text
from pipeline.inventory.mime import DXF, HEAD_BYTES, PDF, mime_type
from pipeline.worker.child import load
from pipeline.worker.handlers import HANDLERS

LIMIT_MB = 300
SOURCE = SourceFile("00000000-0000-5000-8000-000000000000", "blob://corpus/file", "file", "application/pdf", 1, "0" * 64, "text-1",
                    "2026-01-01T00:00:00Z")


@click.command(help=__doc__)
@click.option("--quick", is_flag=True, help="A part of the files: under a minute.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.option("--ocr", type=click.Choice(["off", "auto"]), default="off", show_default=True)
@click.option("--corpus", type=click.Path(exists=True, file_okay=False, path_type=Path), default=CORPUS, show_default=True)
def main(quick: bool, as_json: bool, ocr: str, corpus: Path) -> None:
    files = [path for path in sorted(corpus.rglob("*")) if path.is_file() and kind_of(path) in {PDF, DXF, *TEXT_MIME_TYPES}]
    measured = in_child(read_all, every(files, 60) if quick else files, ocr)
    highest, chunks, failed = measured.result
    figures = {"files": len(files), "chunks": chunks, "ended_with_an_error": failed, "ocr": ocr, "peak_mb": round(measured.peak_mb),
               "limit_mb": LIMIT_MB, "ratio": round(measured.peak_mb / LIMIT_MB, 2), "largest_steps_mb": highest}
    print(json.dumps(figures) if as_json else "\n".join(f"{name:24} {value}" for name, value in figures.items()))


def kind_of(path: Path) -> str:
    with open(path, "rb") as stream:
        return mime_type(stream.read(HEAD_BYTES), name=path.name, size=path.stat().st_size)


def read_all(files: list[Path], ocr: str) -> tuple[dict[str, float], int, int]:
    """The files after which memory had grown most, how many chunks there were, and how many files ended with an error."""
    options, steps, chunks, failed = ReadOptions(ocr=ocr), dict[str, float](), 0, 0
    for path in files:
        before = resident_mb()
        try:
            chunks += index(path, options)
        except ExtractionError:
            failed += 1
        steps[path.name] = round(resident_mb() - before, 1)
    return dict(sorted(steps.items(), key=lambda step: -step[1])[:5]), chunks, failed


def index(path: Path, options: ReadOptions) -> int:
    """What the jobs of one file do in their child; the number of its chunks."""
    document = read(path, options)
    chunked = chunk_document(document, options)
    chunk_lines(chunked, SOURCE)
    texts = [[chunk.sequence, search_text(document.title, chunk.section_path, chunk.text)] for chunk in chunked.chunks]
    if texts:
        embed_chunks(json.dumps(texts).encode(), options, "")
    return len(texts)


def read(path: Path, options: ReadOptions) -> TextDocument:
    kind, data = kind_of(path), path.read_bytes()
    if kind not in (PDF, DXF):
        return read_text(data, options, kind, path.name)
    found: Drawing = load(HANDLERS["pdf" if kind == PDF else "dxf"].reader)(data, options)
    return TextDocument(found.kind, found.pages, warnings=found.warnings, partial=found.partial)


if __name__ == "__main__":
    main()
