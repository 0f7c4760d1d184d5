"""A worker that stops for ever at a place that a test names, to be killed there: python -m tests.outputs_process <json>.

hold  'written': when the first job's outputs are written and nothing is committed; 'half': when one of its two is;
      '' for a worker that goes on
"""

from __future__ import annotations

import json
import sys
import threading
from datetime import timedelta

from pipeline.config import Settings
from pipeline.database import Database
from pipeline.observe.logs import configure
from pipeline.storage import open_source
from pipeline.storage.folder_sink import FolderSink
from pipeline.worker.handlers import HANDLERS
from pipeline.worker.loop import Worker
from pipeline.worker.stop import StopSignal

LAST_PUT = {"half": ".jsonl", "written": ".document.json"}


class HoldingSink(FolderSink):
    """Writes as the real one does; after the put that `hold` names it says so and never returns."""

    hold = ""

    def put(self, key: str, data: bytes) -> None:
        super().put(key, data)
        if self.hold and key.endswith(LAST_PUT[self.hold]):
            print("held", flush=True)
            threading.Event().wait()


def main() -> None:
    given = json.loads(sys.argv[1])
    settings = Settings.load(None, {}, **given["settings"])
    configure("INFO")
    database = Database(given["url"], wait=timedelta(seconds=60))
    sink = HoldingSink(settings.data_dir / "outputs")
    sink.hold = given["hold"]
    stop = StopSignal()
    stop.install()
    worker = Worker(database, settings, open_source(settings.source_url), job_types=list(HANDLERS), stop=stop, sink=sink)
    tally = worker.run()
    print(json.dumps({"completed": tally.completed, "failed": tally.failed, "lost": tally.lost, "drained": tally.drained}))


if __name__ == "__main__":
    main()
