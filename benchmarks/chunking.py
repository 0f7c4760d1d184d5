"""Chunking: from the pages of a document to valid chunk records, in megabytes of text a second and core.

    python benchmarks/chunking.py [--quick] [--json] [--megabytes 4]

Three documents are made by this script: prose (a German and an English manual with headings, running heads, hyphens and
ligatures), tables (parts lists far longer than a chunk) and drawings (sheets of labels, a block each). For each it measures
normalising, structuring and chunking together (target at least 20 MB/s), and writing the records, each validated. Text is
counted in bytes of UTF-8 as the readers hand it over; times are CPU time of one process, the best of the rounds; the detector of
languages is loaded before.
"""

from __future__ import annotations

import json
import random
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pipeline.extract.model import Block, Page
from pipeline.extract.options import DEFAULT_OPTIONS
from pipeline.extract.text.chunking import chunk_document
from pipeline.extract.text.model import SourceFile, TextDocument
from pipeline.extract.text.record import chunk_lines

TARGET_MB_PER_S = 20.0
SOURCE = SourceFile("11111111-1111-1111-1111-111111111111", "file:///drawings/manual.pdf", "manual.pdf", "application/pdf", 1, "0" * 64,
                    "2026-11-28", "2026-11-28T00:00:00Z")  # fmt: skip
ENGLISH = """first the shaft is fixed and then it is turned from round bar and ground after hardening between centres until the
bearing seats are within tolerance all edges are broken unless the drawing says otherwise and surfaces that carry seals
must show no spiral marks when the housing is assembled apply grease to the lip of each seal and check that the cover
sits flat before the screws are tightened crosswise in two passes with the torque that the table gives"""
GERMAN = """die Welle wird aus Rundmaterial gedreht und nach dem Härten zwischen Spitzen geschliffen bis die Lagersitze innerhalb der
Toleranz liegen alle Kanten sind zu brechen sofern die Zeichnung nichts anderes vorgibt und Flächen für Dichtungen dürfen keine
Drallspuren zeigen beim Zusammenbau des Gehäuses ist die Dichtlippe zu fetten und zu prüfen ob der Deckel eben aufliegt bevor
die Schrauben über Kreuz angezogen werden"""
LABELS = "DRAWN|CHECKED|SCALE 1:2|Ø24 H7|M8x1.25|2x45°|R0.5|SECTION A-A|1.4301|Ra 1.6|DM-1001|REV B|SHEET 1 OF 3|12.5 ±0.1|DETAIL C|6:1"


@click.command(help=__doc__)
@click.option("--quick", is_flag=True, help="1 MB each, three rounds: a few seconds.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.option("--megabytes", default=4, show_default=True, help="Size of each document.")
def main(quick: bool, as_json: bool, megabytes: int) -> None:
    size, rounds = (1, 3) if quick else (megabytes, 5)
    figures: dict[str, object] = {"megabytes": size, "rounds": rounds, "target_mb_per_second": TARGET_MB_PER_S}
    chunk_document(prose(20_000), DEFAULT_OPTIONS)
    for name, make in (("prose", prose), ("tables", tables), ("drawings", drawings)):
        figures |= {f"{name}_{key}": value for key, value in measured(make(size * 1_000_000), rounds).items()}
    if as_json:
        print(json.dumps(figures))
        return
    for key, value in figures.items():
        print(f"{key:40} {value}")


def measured(document: TextDocument, rounds: int) -> dict[str, object]:
    """Rates of chunking alone and of chunking with writing, and what came of it."""
    megabytes = sum(len(page.text.encode()) for page in document.pages) / 1e6
    chunk_s = best(lambda: chunk_document(document, DEFAULT_OPTIONS), rounds)
    chunked = chunk_document(document, DEFAULT_OPTIONS)
    write_s = best(lambda: chunk_lines(chunked, SOURCE), rounds)
    return {"blocks": sum(len(page.blocks) for page in document.pages), "chunks": len(chunked.chunks), "language": chunked.language,
            "chunking_mb_per_second": round(megabytes / chunk_s, 1), "writing_mb_per_second": round(megabytes / write_s, 1),
            "both_mb_per_second": round(megabytes / (chunk_s + write_s), 1),
            "ratio_chunking_to_target": round(megabytes / chunk_s / TARGET_MB_PER_S, 2)}


def best(work: Callable[[], object], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def prose(size: int) -> TextDocument:
    """Pages of some 3,000 characters: a running head, a heading, paragraphs of lines of 90 characters, a page number."""
    rng = random.Random(1)
    words = (ENGLISH.split(), GERMAN.split())
    pages: list[Page] = []
    written = 0
    while written < size:
        number = len(pages) + 1
        blocks = [Block(f"Operating manual, edition 4\nPage {number}")]
        if number % 3 == 1:
            blocks.append(Block(f"{number // 3 + 1} Assembly of unit {chr(65 + number % 26)}", kind="heading", level=1))
        blocks += [Block(paragraph(rng, words[number // 40 % 2])) for _ in range(6)]
        pages.append(page_of(number, blocks))
        written += len(pages[-1].text)
    return TextDocument("pdf", tuple(pages), "Operating manual")


def paragraph(rng: random.Random, words: list[str]) -> str:
    sentences = []
    for _ in range(rng.randint(4, 7)):
        sentence = [rng.choice(words) for _ in range(rng.randint(8, 20))]
        sentences.append(f"{sentence[0].capitalize()} {' '.join(sentence[1:])}.")
    lines = textwrap.wrap(" ".join(sentences), 90, break_long_words=False, break_on_hyphens=False)
    for number in range(0, len(lines) - 1, 8):  # one line in eight ends in a part of a word
        head, _, word = lines[number].rpartition(" ")
        if len(word) > 6 and word.isalpha():
            lines[number], lines[number + 1] = f"{head} {word[:3]}-", f"{word[3:]} {lines[number + 1]}"
    joined = "\n".join(lines)
    return joined.replace("fi", "\ufb01") if rng.random() < 0.3 else joined


def tables(size: int) -> TextDocument:
    """One page a parts list of 500 rows."""
    rng = random.Random(2)
    pages: list[Page] = []
    written = 0
    while written < size:
        rows = ["Item\tPart number\tDescription\tQty\tMaterial\tMass"]
        rows += [f"{row}\tDM-{rng.randint(1000, 9999)}-{row:03d}\tHexagon socket head cap screw M{rng.randint(3, 20)}\t"
                 f"{rng.randint(1, 40)}\t1.4301\t{rng.random():.3f} kg" for row in range(1, 501)]  # fmt: skip
        pages.append(page_of(len(pages) + 1, [Block("\n".join(rows), kind="table", header_rows=1)]))
        written += len(pages[-1].text)
    return TextDocument("pdf", tuple(pages), "Parts lists")


def drawings(size: int) -> TextDocument:
    """Sheets of 150 labels, a block each."""
    rng = random.Random(3)
    labels = LABELS.split("|")
    pages: list[Page] = []
    written = 0
    while written < size:
        pages.append(page_of(len(pages) + 1, [Block(f"{rng.choice(labels)} {rng.randint(1, 999)}") for _ in range(150)]))
        written += len(pages[-1].text)
    return TextDocument("pdf", tuple(pages))


def page_of(number: int, blocks: list[Block]) -> Page:
    return Page(number, "\n".join(block.text for block in blocks), "text_layer", 595.0, 842.0, blocks=tuple(blocks))


if __name__ == "__main__":
    main()
