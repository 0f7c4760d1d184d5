"""Write sql/expected_schema.json, against which verify_migration.py judges a database.

    python -m pipeline.observe.schema_snapshot

Run it after every new migration; a test fails until it was. It migrates a fresh database on an embedded
server of its own in a temporary folder, so nothing that exists is looked at or changed.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from pipeline import migrations
from pipeline.database import Database
from pipeline.embedded import EmbeddedServer
from pipeline.observe import catalogue


def snapshot(database: Database) -> catalogue.Schema:
    """The schema of `database`, migrated to this release first."""
    migrations.migrate(database)
    with database.connect("schema snapshot") as conn:
        return catalogue.read(conn)[0]


@click.command(help=__doc__)
def main() -> None:
    with tempfile.TemporaryDirectory(prefix="draftmill-schema-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # or, as root, the cluster would go elsewhere and stay there; its secrets are 0600
        server = EmbeddedServer(Path(folder))
        try:
            schema = snapshot(Database("", embedded=server))
        finally:
            server.stop()
    catalogue.EXPECTED.write_text(schema.to_json(), encoding="utf-8", newline="\n")
    click.echo(f"{catalogue.EXPECTED.name}: {len(schema.tables)} tables, {len(schema.indexes)} indexes, "
               f"{len(schema.functions)} functions")


if __name__ == "__main__":
    main()
