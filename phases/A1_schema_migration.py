"""A1  Bring the database schema up to this release.

Reads   sql/migrations
Writes  schema_migrations and the schema itself
After   nothing. Five machines may start it at once: one does the work, the others find it done.
"""

from __future__ import annotations

from phases.step import Context, StepReport, main
from pipeline import migrations


def run(context: Context) -> StepReport:
    if context.dry_run:
        with context.database.transaction("A1") as conn:
            waiting = migrations.pending(migrations.applied(conn), migrations.available())
        return StepReport("A1", {"pending": len(waiting)}, [f"would apply {migration}" for migration in waiting])
    done = migrations.migrate(context.database)
    return StepReport("A1", {"applied": len(done), "version": len(migrations.available())}, [f"applied {m}" for m in done])


if __name__ == "__main__":
    main()
