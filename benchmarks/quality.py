"""Precision and recall of what is extracted and linked, against hand-made labels: in all, by source project, by producer program.

    python benchmarks/quality.py [--quick] [--json] [--write docs/quality.md] [--corpus ../shared/corpus]
                                 [--labels …/LABELS.jsonl] [--score-script ../shared/tools/score.py] [--ocr auto]

The whole corpus goes through phases A and B into a database of its own, as an operator would run it, and the script that
came with the labels scores what is stored. A project is what stands before '__' in a file's name. Ends with each target
and whether it is met; --write puts the tables into a document between its two marks. Where labels or script are missing,
it says so and ends.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import click
import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.corpus import CORPUS
from pipeline.database import DEFAULT_TENANT
from pipeline.observe.extraction_quality import FACTS
from pipeline.observe.reports import table

ROOT = Path(__file__).resolve().parents[1]
SCORE = CORPUS.parent / "tools" / "score.py"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
# A label may name a file whose content is borne by another of the same bytes.
PROGRAMS = FACTS + """
    SELECT blob.blob_key, coalesce(program, 'not stated')
    FROM blob_inventory AS blob JOIN facts ON facts.blob_id = coalesce(blob.duplicate_of, blob.blob_id)
"""

# (name, path into the scores, at least)
TARGETS: tuple[tuple[str, tuple[str, ...], float], ...] = (
    ("title-block fields, F1", ("all_fields", "f1"), 0.92),
    ("title-block fields, precision", ("all_fields", "precision"), 0.95),
    ("PDF dimensions, recall", ("dimensions", "pdf", "recall"), 0.92),
    ("PDF dimensions, precision", ("dimensions", "pdf", "precision"), 0.90),
    ("PDF tolerances, recall", ("dimensions", "pdf", "tolerance_recall"), 0.90),
    ("DXF dimensions, recall", ("dimensions", "dxf", "recall"), 0.98),
    ("parts lists with the right number of rows", ("bom", "row_count_share"), 1.0),
    ("first rows of parts lists", ("bom", "first3_share"), 10 / 11),
    ("linking, F1", ("groups", "all", "f1"), 0.98),
    ("linking, precision", ("groups", "all", "precision"), 0.98),
)
RATIOS = ("precision", "recall", "F1")
Scores = dict[str, Any]


@click.command(help=__doc__)
@click.option("--quick", is_flag=True, help="Only the labelled files, and no linking: under a minute where OCR is off.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.option("--write", type=click.Path(dir_okay=False, path_type=Path), help="Put the tables into this document.")
@click.option("--ocr", default="auto", show_default=True, help="As OCR in config.txt.")
@click.option("--corpus", type=click.Path(file_okay=False, path_type=Path), default=CORPUS, show_default=True)
@click.option("--labels", type=click.Path(dir_okay=False, path_type=Path), help="Default: LABELS.jsonl of the corpus.")
@click.option("--score-script", type=click.Path(dir_okay=False, path_type=Path), default=SCORE, show_default=True)
def main(quick: bool, as_json: bool, write: Path | None, ocr: str, corpus: Path, labels: Path | None, score_script: Path) -> None:
    labels = labels or corpus / "LABELS.jsonl"
    missing = [str(path) for path in (corpus, labels, score_script) if not path.exists()]
    if missing:
        print(f"skipped: {', '.join(missing)} is not there", file=sys.stderr)
        return
    rows = [json.loads(line) for line in labels.read_text(encoding="utf-8").splitlines() if line.strip()]
    with tempfile.TemporaryDirectory(prefix="draftmill-quality-") as folder:
        source = linked_copies(corpus, rows, Path(folder) / "files") if quick else corpus
        figures = measure(source, rows, corpus, score_script, Path(folder), ocr, with_groups=not quick)
    text = "\n".join(report(figures))
    if write:
        put_between_marks(write, text)
    print(json.dumps(figures, ensure_ascii=False) if as_json else text)


def linked_copies(corpus: Path, rows: Sequence[Scores], folder: Path) -> Path:
    """A folder with the labelled files only."""
    for row in rows:
        target = folder / row["file"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((corpus / row["file"]).read_bytes())
    return folder


def measure(source: Path, rows: Sequence[Scores], corpus: Path, script: Path, folder: Path, ocr: str, *, with_groups: bool) -> Scores:
    """Run the pipeline over `source`, then score it in all and by part."""
    environment = {**os.environ, "DRAFTMILL_DATA_DIR": str(folder / "data"), "DRAFTMILL_OCR": ocr, "DRAFTMILL_QUALITY_SHEETS": "0"}

    def run(*arguments: str) -> str:
        command = [sys.executable, str(ROOT / "run_pipeline.py"), *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8", check=False)
        if done.returncode not in (0, 1):  # 1: a checkpoint failed, which is no reason to score nothing
            raise click.ClickException(f"run_pipeline.py {arguments[0]} ended with {done.returncode}: {done.stderr[-400:]}")
        return done.stdout

    try:
        run("--phase", "a,b", "--source", str(source))
        url = run("db-url").split()[-1]

        def score(part: Iterable[Scores]) -> Scores:
            path = folder / "labels.jsonl"
            path.write_text("".join(json.dumps(row) + "\n" for row in part), encoding="utf-8")
            return with_shares(score_by(script, "labels", "--db-url", url, "--labels", str(path)))

        programs = programs_of(url)
        figures = {
            **score(rows), "ocr": ocr,
            "by_project": {name: score(part) for name, part in split(rows, project).items()},
            "by_program": {name: score(part) for name, part in split(rows, lambda row: programs.get(row["file"], "not read")).items()},
        }
        if with_groups:
            paths = [str(path) for path in sorted(corpus.glob("linked/*/GROUPS.tsv"))]
            figures["groups"] = score_by(script, "groups", "--db-url", url, "--groups", *paths)
    finally:
        run("db-stop")
    return figures


def score_by(script: Path, *arguments: str) -> Scores:
    done = subprocess.run([sys.executable, str(script), *arguments, "--json"], capture_output=True, text=True, encoding="utf-8", check=True)
    scores: Scores = json.loads(done.stdout)
    return scores


def with_shares(scores: Scores) -> Scores:
    bom = scores["bom"]
    bom["row_count_share"] = bom["row_count_right"] / bom["labelled"] if bom["labelled"] else None
    bom["first3_share"] = bom["first3_found"] / bom["first3_labelled"] if bom["first3_labelled"] else None
    return scores


def programs_of(url: str) -> dict[str, str]:
    """Producer program by the end of a file's key that labels use, such as pdf/one.pdf."""
    with psycopg.connect(url) as conn:
        return one_spelling(dict(conn.execute(PROGRAMS, {"tenant": DEFAULT_TENANT}).fetchall()))


def one_spelling(programs: dict[str, str]) -> dict[str, str]:
    """SolidWorks and SOLIDWORKS are one program, under the spelling that comes first in the alphabet."""
    first: dict[str, str] = {}
    for name in sorted(programs.values()):
        first.setdefault(name.casefold(), name)
    return {file: first[name.casefold()] for file, name in programs.items()}


def project(row: Scores) -> str:
    return Path(row["file"]).name.split("__")[0]


def split(rows: Sequence[Scores], by: Callable[[Scores], str]) -> dict[str, list[Scores]]:
    parts: dict[str, list[Scores]] = {}
    for row in rows:
        parts.setdefault(by(row), []).append(row)
    return dict(sorted(parts.items()))


def report(figures: Scores) -> list[str]:
    """The tables, as Markdown."""
    judged = [(name, at(figures, path), least) for name, path, least in TARGETS]
    lines = [f"OCR: {figures['ocr']}. {figures['files']} labelled files.", "",
             *table(("measure", "measured", "wanted", ""), (
                 (name, shown(value), f"≥ {least:.2f}", "" if value is None else "met" if value >= least - 1e-9 else "missed")
                 for name, value, least in judged))]
    for title, key in (("project", "by_project"), ("producer program", "by_program")):
        lines += ["", f"### By {title}", "", *table(
            (title, "files", "fields P", "fields R", "fields F1", "dimensions P", "dimensions R", "labelled", "tolerances R",
             "parts lists"),
            ((name, part["files"], *(shown(part["all_fields"][key]) for key in ("precision", "recall", "f1")), *dimensions(part),
              f"{part['bom']['row_count_right']} of {part['bom']['labelled']}" if part["bom"]["labelled"] else "-")
             for name, part in figures[key].items()))]
    lines += ["", "### By field", "", *table(("field", "labelled", *RATIOS), ratios(figures["fields"]))]
    if "groups" in figures:
        groups = {**figures["groups"]["projects"], "all": figures["groups"]["all"]}
        lines += ["", "### Linking", "", *table(("project", "pairs", *RATIOS), ratios(groups))]
    return lines


def ratios(found: dict[str, Scores]) -> list[list[Any]]:
    """A row each: how many there are, precision, recall, F1."""
    return [[name, part["n"], *(shown(part[ratio.lower()]) for ratio in RATIOS)] for name, part in found.items()]


def dimensions(part: Scores) -> tuple[str, str, int, str]:
    """Precision, recall, number labelled and tolerance recall of PDF and DXF together; precision where one of them has it alone."""
    kinds = [part["dimensions"][kind] for kind in ("pdf", "dxf")]
    labelled = sum(kind["labelled"] for kind in kinds)
    tolerances = sum(kind["tolerances"] for kind in kinds)
    stored = sum(kind["stored_where_complete"] for kind in kinds)

    def mean(name: str, weight: str, total: int) -> str:
        return shown(sum((kind[name] or 0) * kind[weight] for kind in kinds) / total if total else None)

    return (mean("precision", "stored_where_complete", stored), mean("recall", "labelled", labelled), labelled,
            mean("tolerance_recall", "tolerances", tolerances))


def at(figures: Scores, path: Sequence[str]) -> float | None:
    found: Any = figures
    for step in path:
        found = found.get(step) if isinstance(found, dict) else None
    return found


def shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def put_between_marks(path: Path, text: str) -> None:
    """Replace what stands between the marks of a document."""
    before, begin, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise click.ClickException(f"{path} lacks the marks {BEGIN} and {END}")
    path.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
