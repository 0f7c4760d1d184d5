"""`demo`: sample files, all phases, and what was found."""

from __future__ import annotations

import json
import logging
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands import demo_view, exits
from commands.bar import Bar
from commands.run_phases import Run, quiet, run_steps
from commands.selection import select
from commands.setting import Setting, config_option, json_option, load
from phases.step import Context
from pipeline.embed import open_embedder
from pipeline.errors import ConfigError
from pipeline.observe import demo_summary, logs
from pipeline.worker.stop import StopSignal

if TYPE_CHECKING:
    from pipeline.demo import SampleFile

STORE = "demo"
# What is wrong on purpose with a sample file, as pipeline.demo names it.
BAD_KINDS = ("corrupt", "encrypted", "empty", "misnamed", "duplicate", "broken")


@click.command(epilog=exits.EPILOG)
@click.option("--folder", type=click.Path(path_type=Path), help="Where the sample files go.  [default: DATA_DIR/demo]")
@json_option
@config_option
def demo(folder: Path | None, as_json: bool, config: Path | None) -> int:
    """Try it: sample files through all phases.

    Writes about 40 sample files (drawings, and the bad files that every real folder holds) and runs all phases on
    them, under the store name 'demo'. Takes seconds; running it again changes nothing.

    \b
    Examples:
      python run_pipeline.py demo
      python run_pipeline.py demo --folder ./samples --json
    """
    setting = load(config, source_name=STORE)
    folder = (folder or setting.settings.data_dir / "demo").absolute()
    setting = load(config, source_name=STORE, source_url=str(folder))
    if setting.settings.log_level != "DEBUG":
        logs.configure(logging.getLevelName(logging.ERROR))  # the bad files' failures are the point, and shown below
    start = time.monotonic()
    samples = _write(folder)
    if not as_json:
        demo_view.intro(folder, _kinds(samples))
    stop = StopSignal()
    stop.install()
    done = _run(setting, stop, as_json=as_json)
    status = done.exit_status(stop)
    seconds = round(time.monotonic() - start, 1)
    if status == exits.INTERRUPTED:
        raise KeyboardInterrupt
    settings = setting.settings
    embedder = None if settings.embeddings == "off" else open_embedder(settings.embedding_model, endpoint_key=settings.embedding_api_key)
    with setting.connection("demo") as conn:
        summary = demo_summary.read(conn, STORE, [sample.path for sample in samples if sample.kind in BAD_KINDS], embedder)
    if as_json:
        document = {"folder": str(folder), "sample_files": len(samples), "seconds": seconds, **summary, **done.document(status)}
        click.echo(json.dumps(document, indent=1, ensure_ascii=False, default=str))
    else:
        demo_view.summary(summary, {sample.path: sample.purpose for sample in samples}, done, seconds)
    return status


def _write(folder: Path) -> list[SampleFile]:
    from pipeline.demo import write_sample_files  # brings PyMuPDF and ezdxf along, which no other command needs here

    try:
        return write_sample_files(folder)
    except OSError as exc:
        raise ConfigError(f"the sample files cannot be written below {folder} ({exc.strerror}); "
                          "name another place with --folder") from exc


def _kinds(samples: list[SampleFile]) -> Counter[str]:
    return Counter("bad" if sample.kind in BAD_KINDS else sample.kind for sample in samples)


def _run(setting: Setting, stop: StopSignal, *, as_json: bool) -> Run:
    first, *others = select("all")
    bar, tell = Bar(), quiet if as_json else demo_view.step
    context = Context(setting.settings, setting.database, stop, progress=bar.show)
    done = run_steps([first], context, bar, tell)  # A1: the next question needs the tables
    with setting.connection("demo") as conn:
        waiting = demo_summary.foreign_files(conn, STORE)
    if waiting:
        raise ConfigError(f"{waiting} files of your own wait in this database, and the demo cannot read them; finish them "
                          "with --phase all, or give the demo a database of its own: DRAFTMILL_DATA_DIR=./demo-data")
    rest = run_steps(others, context, bar, tell)
    return Run(done.reports + rest.reports, done.left + rest.left)
