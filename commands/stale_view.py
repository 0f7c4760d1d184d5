"""What doing stale results again costs, worked out and said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from commands.status_view import duration
from pipeline.inventory.stale_work import StaleWork

CHARS_A_TOKEN = 4
BECAUSE = {
    "bytes": "the file has other bytes", "output": "the output is missing, or says another place",
    "version": "an older version of the reader", "model": "another model", "prompt": "another prompt",
}


@dataclass(frozen=True)
class Cost:
    """Of one kind of stale work, with what follows from it.

    followed_by  job types that work on its results → jobs
    seconds      of one child process, as long as such jobs took on average so far; None where none was done yet
    tokens       that an endpoint would be sent, estimated; None where the model runs here
    """

    work: StaleWork
    followed_by: dict[str, int]
    seconds: float | None
    tokens: int | None

    def document(self) -> dict[str, Any]:
        """For JSON."""
        hours = None if self.seconds is None else round(self.seconds / 3600, 3)
        return {"job_type": self.work.job_type, "reason": self.work.reason, "jobs": self.work.jobs, "followed_by": self.followed_by,
                "machine_hours": hours, "bytes_read": self.work.bytes_read, "embedding_tokens": self.tokens}


def cost(work: StaleWork, *, followers: Mapping[str, Sequence[str]], mean_ms: Mapping[str, float], by_endpoint: bool) -> Cost:
    """What this work costs.

    followers    job type → types that work on its results
    by_endpoint  vectors come from an endpoint, which counts tokens
    """
    behind = _behind(work.job_type, followers)
    means = [mean_ms.get(name) for name in (work.job_type, *behind)]
    known = [mean for mean in means if mean is not None]
    seconds = work.jobs * sum(known) / 1000 if means[0] is not None else None
    embeds = "embed" in (work.job_type, *behind)
    return Cost(work, dict.fromkeys(behind, work.jobs), seconds, work.chunk_chars // CHARS_A_TOKEN if by_endpoint and embeds else None)


def together(work: Sequence[StaleWork]) -> list[StaleWork]:
    """One for each type and reason: several needs, of files of other formats, may make the same."""
    found: dict[tuple[str, str], StaleWork] = {}
    for one in work:
        key = one.job_type, one.reason
        known = found.get(key, StaleWork(*key, 0, 0, 0))
        found[key] = StaleWork(*key, known.jobs + one.jobs, known.bytes_read + one.bytes_read, known.chunk_chars + one.chunk_chars)
    return list(found.values())


def _behind(job_type: str, followers: Mapping[str, Sequence[str]]) -> list[str]:
    found: list[str] = []
    for name in followers.get(job_type, ()):
        found += [name, *_behind(name, followers)]
    return found


def document(costs: Sequence[Cost], job_types: Sequence[str], *, dry_run: bool) -> dict[str, Any]:
    """For JSON."""
    requeued = dict.fromkeys(job_types, 0)
    for one in costs:
        requeued[one.work.job_type] += one.work.jobs
    tokens = [one.tokens for one in costs if one.tokens is not None]
    return {
        "dry_run": dry_run, "requeued": requeued, "total": sum(requeued.values()), "stale": [one.document() for one in costs],
        "estimate": {"followed_by": _followed_by(costs), "machine_hours": round(sum(one.seconds or 0.0 for one in costs) / 3600, 3),
                     "without_experience": sorted({one.work.job_type for one in costs if one.seconds is None}),
                     "bytes_read": sum(one.work.bytes_read for one in costs), "embedding_tokens": sum(tokens) if tokens else None}}


def show(costs: Sequence[Cost], *, dry_run: bool) -> None:
    """For a person: a line for each type and reason, then the sum."""
    if not costs:
        click.echo("nothing is stale")
        return
    total = sum(one.work.jobs for one in costs)
    click.echo(f"{'would requeue' if dry_run else 'requeued'} {total:,} jobs")
    for one in costs:
        click.echo(f"  {one.work.job_type:<8}{one.work.jobs:>10,}  {BECAUSE.get(one.work.reason, one.work.reason)}{_estimate(one)}")
    following = ", ".join(f"{count:,} {name}" for name, count in _followed_by(costs).items())
    if following:
        click.echo(f"  and as they complete: {following}")
    seconds = sum(one.seconds or 0.0 for one in costs)
    read = sum(one.work.bytes_read for one in costs)
    tokens = sum(one.tokens or 0 for one in costs)
    parts = [f"{duration(seconds)} of one child process", f"{_size(read)} to read", f"{tokens:,} tokens for the endpoint" if tokens else ""]
    click.echo("  in all about " + ", ".join(part for part in parts if part))


def _estimate(one: Cost) -> str:
    parts = ["no such job was done yet" if one.seconds is None else duration(one.seconds),
             _size(one.work.bytes_read) if one.work.bytes_read else "", f"{one.tokens:,} tokens" if one.tokens else ""]
    return f"  ({', '.join(part for part in parts if part)})"


def _followed_by(costs: Sequence[Cost]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for one in costs:
        counts.update(one.followed_by)
    return dict(counts)


def _size(number: int) -> str:
    return f"{number / 1e9:,.1f} GB" if number >= 1e9 else f"{number / 1e6:,.1f} MB"
