"""B1  Verify that the extraction tables are there and sound before work is queued.

Reads   the catalogue, schema_migrations
Writes  nothing
After   A1.
"""

from __future__ import annotations

from phases.step import Context, StepReport, main
from pipeline.errors import ConfigError
from pipeline.observe.verify import verify_schema


def run(context: Context) -> StepReport:
    with context.database.transaction("B1") as conn:
        checks = verify_schema(conn)
    failed = [check for check in checks if not check.passed]
    if failed:
        raise ConfigError("the schema is not sound: " + "; ".join(f"{c.name}: {c.found} ({c.mend})" for c in failed[:5])
                          + "; python verify_migration.py lists every check")
    return StepReport("B1", {"checks": len(checks), "failed": 0})


if __name__ == "__main__":
    main()
