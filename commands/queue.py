"""What operators do to the queue: requeue, pause, resume, cap, drain."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from commands import exits, stale_view
from commands.setting import config_option, json_option, load
from pipeline import jobs
from pipeline.config import Settings
from pipeline.database import DEFAULT_TENANT, Connection
from pipeline.errors import ConfigError
from pipeline.inventory.stale_work import mean_durations, requeue_stale
from pipeline.jobs.control import check_job_type
from pipeline.observe.files import find_files
from pipeline.worker.handlers import configured, needs
from pipeline.worker.heart import rescue

NEXT = "next: python run_pipeline.py --phase b, unless a worker runs already"


@click.command(epilog=exits.EPILOG)
@click.option("--failed", is_flag=True, help="Dead letters, each with a fresh set of retries (also meant by the next two alone).")
@click.option("--job-type", metavar="T", help="Only of this type.")
@click.option("--file", "pattern", metavar="PATTERN", help="Only of these: a path, the end of one, or with * and ?.")
@click.option("--stalled", is_flag=True, help="What machines hold that have been silent for STALL_TIMEOUT_SECONDS.")
@click.option("--stale", is_flag=True, help="Files whose results are of other bytes, an older reader, model or prompt, or gone.")
@click.option("--dry-run", is_flag=True, help="Say how many, of stale ones also what they cost; change nothing.")
@json_option
@config_option
def requeue(failed: bool, job_type: str | None, pattern: str | None, stalled: bool, stale: bool, dry_run: bool, as_json: bool,
            config: Path | None) -> int:
    """Hand jobs back to the queue.

    Dead letters, stalled jobs, or files whose results are out of date. Superseded jobs stay as they are. A job
    that killed its process runs alone the next time.

    \b
    Examples:
      python run_pipeline.py requeue --failed --dry-run
      python run_pipeline.py requeue --failed --job-type pdf
      python run_pipeline.py requeue --file "P-2041*/drawings/*.pdf"
      python run_pipeline.py requeue --stale --dry-run
      python run_pipeline.py requeue --stale --job-type dxf
    """
    _check_choice(failed=failed or bool((job_type or pattern) and not (stalled or stale)), stalled=stalled, stale=stale,
                  pattern=pattern, job_type=job_type)
    setting = load(config)
    with setting.connection("requeue") as conn:
        if job_type:
            check_job_type(conn, job_type)
        with conn.transaction(force_rollback=dry_run and not stale):  # the same statements, taken back: the count is exact
            if stalled:
                counts = {"stalled": rescue(conn, setting.settings.stall_timeout_seconds, adopt=True)}
            elif stale:
                return _stale(conn, setting.settings, job_type, dry_run=dry_run, as_json=as_json)
            else:
                counts = _failed(conn, job_type, pattern)
    _say_requeued(counts, dry_run=dry_run, as_json=as_json)
    return exits.DONE


def _check_choice(*, failed: bool, stalled: bool, stale: bool, pattern: str | None, job_type: str | None) -> None:
    if failed + stalled + stale != 1:
        raise ConfigError("say which jobs: one of --failed, --stalled, --stale, or --job-type or --file for their dead letters")
    if stalled and (pattern or job_type):
        raise ConfigError("--stalled takes every silent machine's jobs; leave out --file and --job-type")
    if stale and pattern:
        raise ConfigError("--stale looks at all files; leave out --file, or narrow it with --job-type")


def _failed(conn: Connection, job_type: str | None, pattern: str | None) -> dict[str, int]:
    subjects: list[UUID] | None = None
    if pattern is not None:
        subjects = [found.blob_id for found in find_files(conn, pattern, tenant_id=DEFAULT_TENANT)]
        if not subjects:
            raise ConfigError(f'no file is called "{pattern}"; give a path below the source, the end of one, or a pattern')
    ended = jobs.replay_failed(conn, job_type=job_type, subjects=subjects)
    _refresh(conn, [end.blob_id for end in ended])
    return {"failed": len(ended)}


def _stale(conn: Connection, settings: Settings, job_type: str | None, *, dry_run: bool, as_json: bool) -> int:
    wanted = [need for need in needs(settings) if job_type in (None, need.job_type)]
    by_endpoint = settings.embeddings != "off" and settings.embedding_model.startswith("openai:")
    work = [one for need in wanted
            for one in requeue_stale(conn, need, tenant_id=DEFAULT_TENANT, max_attempts=settings.max_attempts, count_chars=by_endpoint,
                                     dry_run=dry_run)]
    followers = {name: handler.followers for name, handler in configured(settings).items()}
    means = mean_durations(conn) if work else {}
    costs = [stale_view.cost(one, followers=followers, mean_ms=means, by_endpoint=by_endpoint) for one in stale_view.together(work)]
    if as_json:
        click.echo(json.dumps(stale_view.document(costs, [need.job_type for need in wanted], dry_run=dry_run)))
        return exits.DONE
    stale_view.show(costs, dry_run=dry_run)
    if costs and not dry_run:
        click.echo(NEXT)
    return exits.DONE


def _refresh(conn: Connection, blobs: Sequence[UUID]) -> None:
    if blobs:
        conn.execute("SELECT refresh_blob_status(%s::uuid[])", (list(blobs),))


def _say_requeued(counts: dict[str, int], *, dry_run: bool, as_json: bool) -> None:
    total = sum(counts.values())
    if as_json:
        click.echo(json.dumps({"dry_run": dry_run, "requeued": counts, "total": total}))
        return
    parts = ", ".join(f"{count} {name}" for name, count in counts.items())
    click.echo(f"{'would requeue' if dry_run else 'requeued'} {total} jobs ({parts})" if total else "nothing to requeue")
    if total and not dry_run:
        click.echo(NEXT)


@click.command(epilog=exits.EPILOG)
@click.argument("job_type")
@config_option
def pause(job_type: str, config: Path | None) -> int:
    """Let nobody claim a type of jobs.

    Those in hand are finished.

    \b
    Example:
      python run_pipeline.py pause pdf
    """
    with load(config).connection("pause") as conn:
        jobs.pause(conn, job_type)
    click.echo(f"{job_type} is paused on all machines; python run_pipeline.py resume {job_type} lifts it")
    return exits.DONE


@click.command(epilog=exits.EPILOG)
@click.argument("job_type")
@config_option
def resume(job_type: str, config: Path | None) -> int:
    """Let workers claim a paused type again.

    \b
    Example:
      python run_pipeline.py resume pdf
    """
    with load(config).connection("resume") as conn:
        jobs.resume(conn, job_type)
    click.echo(f"{job_type} is claimed again")
    return exits.DONE


@click.command(epilog=exits.EPILOG)
@click.argument("job_type")
@click.argument("number", metavar="N|none")
@config_option
def cap(job_type: str, number: str, config: Path | None) -> int:
    """Cap how many of a type run at once.

    At most N over all machines together, as with licences; 'none' lifts the cap.

    \b
    Examples:
      python run_pipeline.py cap cad 20
      python run_pipeline.py cap cad none
    """
    limit = None if number.lower() == "none" else _positive(number)
    with load(config).connection("cap") as conn:
        jobs.cap(conn, job_type, limit)
    click.echo(f"{job_type}: " + ("no cap" if limit is None else f"at most {limit} at once over all machines"))
    return exits.DONE


def _positive(text: str) -> int:
    if text.isdecimal() and 0 < int(text) < 2**31:
        return int(text)
    raise ConfigError(f'"{text[:20]}" is no cap; write a whole number from 1, such as 20, or none; '
                      "to let none of them run, use: python run_pipeline.py pause")


@click.command(epilog=exits.EPILOG)
@click.argument("machine")
@config_option
def drain(machine: str, config: Path | None) -> int:
    """Ask a machine's workers to stop.

    They finish the jobs in hand first. `status` lists the machines.

    \b
    Example:
      python run_pipeline.py drain vm3
    """
    with load(config).connection("drain") as conn:
        asked = jobs.drain_machine(conn, machine)
    workers = "1 worker" if asked == 1 else f"{asked} workers"
    click.echo(f"asked {workers} on {machine} to drain; python run_pipeline.py status --watch shows it")
    return exits.DONE


COMMANDS: tuple[Any, ...] = (requeue, pause, resume, cap, drain)
