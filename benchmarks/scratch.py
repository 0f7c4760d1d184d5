"""An embedded server of a benchmark's own, thrown away afterwards."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline import migrations
from pipeline.database import Database
from pipeline.embedded import ROOT_HOME, EmbeddedServer


@contextmanager
def scratch_database() -> Iterator[Database]:
    """A migrated database on a server that nobody else uses."""
    with tempfile.TemporaryDirectory(prefix="draftmill-server-") as folder:
        server = EmbeddedServer(Path(folder))
        database = Database("", embedded=server)
        try:
            migrations.migrate(database)
            yield database
        finally:
            cluster = Path(json.loads(server.state_file.read_text(encoding="utf-8"))["cluster"])
            server.stop()
            shutil.rmtree(cluster.parent if cluster.is_relative_to(ROOT_HOME) else cluster, ignore_errors=True)
