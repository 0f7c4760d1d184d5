"""B1  Verify that the extraction tables are there and sound before work is queued.

Reads   the catalogue, schema_migrations
Writes  nothing
After   A1.
"""

from __future__ import annotations

from phases.step import Context, StepReport, main
from pipeline.errors import ConfigError
from pipeline.observe.verify import verify


def run(context: Context) -> StepReport:
    with context.database.transaction("B1") as conn:
        checks = verify(conn)
    failed = [check for check in checks if not check.passed]
    if failed:
        names = ", ".join(check.name for check in failed)
        raise ConfigError(f"the schema is not sound: {len(failed)} of {len(checks)} checks fail ({names}); "
                          "what is wrong and how to mend it: python verify_migration.py")
    return StepReport("B1", {"checks": len(checks), "failed": 0})


if __name__ == "__main__":
    main()
