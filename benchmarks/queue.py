"""Our queue beside procrastinate, pgqueuer and the least that batched SQL can be, on one server, in one run.

    python benchmarks/queue.py            about ten minutes
    python benchmarks/queue.py --quick    under a minute, smaller numbers
    python benchmarks/queue.py --json

Every case is run in turn, round by round, and medians are compared: the machine may be shared, and only ratios of
what ran side by side mean something. The server is an embedded one of its own in a temporary folder.
"""

from __future__ import annotations

import sys

if __name__ == "queue":
    # Another script of this folder asks for the standard library's module of this name: hand that out.
    import sysconfig
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec

    _spec = PathFinder.find_spec("queue", [sysconfig.get_path("stdlib")])
    assert _spec is not None
    assert _spec.loader is not None
    sys.modules["queue"] = module_from_spec(_spec)
    _spec.loader.exec_module(sys.modules["queue"])
else:
    from pathlib import Path

    sys.path[0] = str(Path(__file__).resolve().parents[1])

    import json
    import statistics
    from collections import defaultdict
    from collections.abc import Callable
    from typing import Any

    import click
    import psycopg

    from benchmarks import queue_flat
    from benchmarks.queue_contenders import Contender, Ours, PgQueuer, Procrastinate, Rates, Raw, known, measure
    from benchmarks.scratch import scratch_database

    CLAIMERS = (1, 4, 16)
    # Slow ones get fewer jobs: rates are compared.
    CONTENDERS = {
        Ours("ours, batch 50", 50): 60_000, Raw("raw SQL, batch 50", 50): 60_000,
        Ours("ours, batch 200", 200): 60_000, Raw("raw SQL, batch 200", 200): 60_000,
        Procrastinate("procrastinate, as it comes", 1): 2_000, PgQueuer("pgqueuer, as it comes", 10): 6_000,
        PgQueuer("pgqueuer, batch 200", 200): 30_000,
    }
    # (name, who, beside whom, limit): at least `limit` times as fast.
    TARGETS = (
        ("ours / procrastinate, both as they come", "ours, batch 50", "procrastinate, as it comes", 5.0),
        ("ours / pgqueuer, both as they come", "ours, batch 50", "pgqueuer, as it comes", 5.0),
        ("ours / pgqueuer, batch 200", "ours, batch 200", "pgqueuer, batch 200", 1.0),
        ("ours / raw SQL, batch 50", "ours, batch 50", "raw SQL, batch 50", 1 / 1.3),
        ("ours / raw SQL, batch 200", "ours, batch 200", "raw SQL, batch 200", 1 / 1.3),
    )

    def say(line: str) -> None:
        click.echo(line, err=True)

    @click.command(help=__doc__)
    @click.option("--quick", is_flag=True, help="Under a minute: fewer jobs, one round.")
    @click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
    @click.option("--only", type=click.Choice(["rates", "flat"]), help="One half of it.")
    def main(quick: bool, as_json: bool, only: str | None) -> None:
        with scratch_database() as database:
            fresh = databases(database.url())
            rates = [] if only == "flat" else rate_rows(fresh, quick=quick)
            say("claims of 50: median here, on 10,000 rows between them, ratio")
            flat = [] if only == "rates" else queue_flat.measure(fresh, queue_flat.QUICK if quick else queue_flat.FULL, say)
        ratios = ratio_rows(rates)
        if as_json:
            click.echo(json.dumps({"rates": rates, "flat": flat, "ratios": ratios}, indent=1))
            return
        for row in ratios:
            click.echo(f"{row['name']:42s} {row['claimers']:3d} claimers  {row['ratio']:8.2f}   at least {row['target']:.2f}"
                       f"   {'met' if row['met'] else 'MISSED'}")
        for row in flat:
            met = "met" if row["ratio"] <= row["limit"] else "MISSED"
            click.echo(f"claims: {row['case']:62s} {row['ratio']:6.2f}   at most {row['limit']:.2f}   {met}")

    def databases(server_url: str) -> Callable[[str], str]:
        """A function from a name to the URL of a database of that name, made on the first call."""
        made: set[str] = set()

        def url(name: str) -> str:
            if name not in made:
                with psycopg.connect(server_url, autocommit=True) as admin:
                    admin.execute(f"CREATE DATABASE {name}")
                made.add(name)
            return server_url.rsplit("/", 1)[0] + "/" + name

        return url

    def rate_rows(fresh: Callable[[str], str], *, quick: bool) -> list[dict[str, Any]]:
        contenders = {each: count // 4 if quick else count for each, count in CONTENDERS.items()
                      if known() or not isinstance(each, (Procrastinate, PgQueuer))}
        got: dict[tuple[int, Contender], list[Rates]] = defaultdict(list)
        for turn in range(1 if quick else 5):
            for claimers in CLAIMERS:
                for number, (contender, count) in enumerate(contenders.items()):
                    name = f"rates_{turn}_{claimers}_{number}"
                    rates = measure(contender, fresh(name), count=count, claimers=claimers)
                    got[claimers, contender].append(rates)
                    say(f"  {contender.name:28s} {claimers:3d} claimers {rates.work:10,.0f} jobs/s"
                        f"   enqueue {rates.enqueue:10,.0f}/s")
                    drop(fresh, name)
        return [{"name": contender.name, "claimers": claimers,
                 "jobs_per_s": round(statistics.median(one.work for one in rates)),
                 "enqueued_per_s": round(statistics.median(one.enqueue for one in rates))}
                for (claimers, contender), rates in got.items()]

    def drop(fresh: Callable[[str], str], name: str) -> None:
        """Best effort: the server goes with its folder; autovacuum may still be in there."""
        server = fresh(name).rsplit("/", 1)[0] + "/draftmill"
        with psycopg.connect(server, autocommit=True) as admin:
            try:
                admin.execute(f"DROP DATABASE {name}")
            except psycopg.errors.ObjectInUse:
                say(f"  ({name} stays until the end: it is in use)")

    def ratio_rows(rates: list[dict[str, Any]]) -> list[dict[str, Any]]:
        speed = {(row["name"], row["claimers"]): row["jobs_per_s"] for row in rates}
        rows = []
        for name, ours, other, target in TARGETS:
            for claimers in CLAIMERS:
                if (other, claimers) in speed:
                    ratio = speed[ours, claimers] / speed[other, claimers]
                    rows.append({"name": name, "claimers": claimers, "ratio": round(ratio, 2), "target": round(target, 2),
                                 "met": ratio >= target})
        return rows

    if __name__ == "__main__":
        main()
