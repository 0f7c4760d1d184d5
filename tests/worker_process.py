"""A worker as a process of its own, for tests that kill it: python -m tests.worker_process <json>."""

from __future__ import annotations

import json
import sys
from datetime import timedelta

from pipeline.config import Settings
from pipeline.database import Database
from pipeline.embedded import EmbeddedServer
from pipeline.observe.logs import configure
from pipeline.storage import open_source
from pipeline.worker.loop import Worker
from pipeline.worker.stop import StopSignal
from tests.factories import OBEY, SLOW

HANDLERS = {"obey": OBEY, "slow": SLOW}


def main() -> None:
    given = json.loads(sys.argv[1])
    settings = Settings.load(None, {}, **given["settings"])
    configure("INFO")
    handler = HANDLERS[given["handler"]]
    embedded = EmbeddedServer(settings.data_dir) if given.get("embedded") else None
    database = Database(given.get("url", ""), embedded=embedded, wait=timedelta(seconds=60))
    stop = StopSignal()
    stop.install()
    worker = Worker(database, settings, open_source(settings.source_url), job_types=[handler.job_type],
                    handlers={handler.job_type: handler}, stop=stop)
    tally = worker.run()
    print(json.dumps({"completed": tally.completed, "failed": tally.failed, "lost": tally.lost, "drained": tally.drained}))


if __name__ == "__main__":
    main()
