"""Share of a drawing's words and numbers that OCR finds, engine by engine, and how long a page takes.

    python benchmarks/ocr.py [--quick] [--json] [--engine rapidocr] [--tesseract tesseract] [--corpus ../shared/corpus]

PDF drawings with a text layer are robbed of it in two ways: as a grey scan at 200 dpi, compressed as a scanner does, and as
outlines, where every letter is a path. What the text layer said is then looked for in what was read: words of letters as
they are, numbers without the signs around them (text layers often lack the Ø that the page shows). `precision` is the
share of what was read that the text layer says, too. Engines: rapidocr, tesseract, both. Times are CPU seconds of one core.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import click
import pymupdf

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.corpus import CORPUS, PDF_DRAWINGS, every, files_of
from pipeline.extract.options import ReadOptions
from pipeline.extract.pdf.ocr import OcrReader
from pipeline.extract.pdf.pages import read_sheet

ENGINES = ("rapidocr", "tesseract", "both")
LEAST_WORDS = 20
MOST_PAGES = 2
DPI = 200
TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]{2,}")


@click.command(help=__doc__)
@click.option("--quick", is_flag=True, help="Six drawings.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.option("--engine", "engines", multiple=True, type=click.Choice(ENGINES), default=("rapidocr",), show_default=True)
@click.option("--tesseract", default="tesseract", show_default=True, help="Path or name of the Tesseract program.")
@click.option("--corpus", type=click.Path(exists=True, file_okay=False, path_type=Path), default=CORPUS, show_default=True)
def main(quick: bool, as_json: bool, engines: tuple[str, ...], tesseract: str, corpus: Path) -> None:
    pymupdf.TOOLS.mupdf_display_errors(False)
    drawings = [path for path in files_of(corpus / "pdf", ".pdf", PDF_DRAWINGS) if _words_of(path)]
    drawings = every(drawings, 6 if quick else 40)
    figures: dict[str, Any] = {"drawings": len(drawings)}
    for engine in engines:
        options = ReadOptions(ocr=engine, tesseract_cmd=tesseract)
        for name, robbed in (("scan", as_scan), ("outlines", as_outlines)):
            figures[f"{engine}_{name}"] = measure(drawings, robbed, options)
    if as_json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:24} {value}")


def measure(drawings: list[Path], robbed: Any, options: ReadOptions) -> dict[str, float]:
    """Shares over all drawings, and the median time of a page."""
    said, found, read = Counter[bool](), Counter[bool](), 0
    seconds: list[float] = []
    for path in drawings:
        wanted = _words_of(path)
        start = time.process_time()
        got, pages = _read(robbed(path), options)
        seconds.append((time.process_time() - start) / max(1, pages))
        read += got.total()
        for token, count in wanted.items():
            is_number = token[0].isdigit()
            said[is_number] += count
            found[is_number] += min(count, got[token])
    return {
        "words": round(found[False] / max(1, said[False]), 3),
        "numbers": round(found[True] / max(1, said[True]), 3),
        "precision": round(found.total() / max(1, read), 3),
        "seconds_a_page": round(statistics.median(seconds), 2),
    }


def _read(document: Any, options: ReadOptions) -> tuple[Counter[str], int]:
    reader = OcrReader(options)
    sheets = [reader.sheet_and_paths(page, read_sheet(page, page.number + 1))[0] for page in document]
    return _tokens("\n".join(sheet.text for sheet in sheets)), len(sheets)


def _tokens(text: str) -> Counter[str]:
    return Counter(TOKEN.findall(text))


def _words_of(path: Path) -> Counter[str]:
    """The tokens of a short document with a text layer; empty for others, and for damaged files."""
    try:
        with pymupdf.open(path) as document:
            if document.needs_pass or document.page_count > MOST_PAGES:
                return Counter()
            tokens = _tokens("\n".join(read_sheet(page, 1).text for page in document))
    except Exception:  # a damaged file of the corpus says nothing of OCR
        return Counter()
    return tokens if tokens.total() >= LEAST_WORDS else Counter()


def as_scan(path: Path) -> Any:
    result = pymupdf.open()
    with pymupdf.open(path) as source:
        for page in source:
            image = page.get_pixmap(dpi=DPI, colorspace=pymupdf.csGRAY).tobytes("jpeg", jpg_quality=80)
            copy = result.new_page(width=page.rect.width, height=page.rect.height)
            copy.insert_image(copy.rect, stream=image)
    return result


def as_outlines(path: Path) -> Any:
    result = pymupdf.open()
    with pymupdf.open(path) as source:
        for page in source:
            with pymupdf.open(stream=page.get_svg_image(text_as_path=True).encode(), filetype="svg") as drawn:
                result.insert_pdf(pymupdf.open("pdf", drawn.convert_to_pdf()))
    return result


if __name__ == "__main__":
    main()
