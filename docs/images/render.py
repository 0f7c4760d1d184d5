"""Make the README's pictures anew from real runs: python docs/images/render.py

demo.svg    the demo, as it ends
status.svg  `status --watch` while four machines work on a database of its own (all of them this one, under four names)
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from rich.console import Console, RenderableType  # noqa: E402 (the path above comes first)

from commands import demo_view, root, status_view  # noqa: E402
from pipeline.config import Settings  # noqa: E402
from pipeline.database import DEFAULT_TENANT, Database  # noqa: E402
from pipeline.demo import write_sample_files  # noqa: E402
from pipeline.embedded import EmbeddedServer  # noqa: E402
from pipeline.observe import status  # noqa: E402

WIDTH = 112
COPIES = 90
MACHINES = ("vm1", "vm2", "vm3", "vm4")
WORK_AS = "import socket, sys; socket.gethostname = lambda: sys.argv[1]; from commands.root import run; run(sys.argv[2:])"


def main() -> None:
    with own_database("demo"):
        render_demo()
    with own_database("status") as folder:
        render_status(folder)


@contextlib.contextmanager
def own_database(name: str) -> Iterator[Path]:
    """A folder and an embedded server for one picture, both gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=f"draftmill-{name}-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # as root, the server would otherwise put its cluster elsewhere
        os.environ |= {"DRAFTMILL_DATA_DIR": f"{folder}/data", "DRAFTMILL_SOURCE_URL": f"{folder}/drawings",
                       "DRAFTMILL_WORKERS": "2", "DRAFTMILL_HEARTBEAT_SECONDS": "1"}
        os.chdir(ROOT)
        try:
            yield Path(folder)
        finally:
            EmbeddedServer(Path(folder) / "data").stop()


def render_demo() -> None:
    recording = recorder()
    demo_view.console = lambda: recording  # type: ignore[assignment]
    demo_view.intro = demo_view.step = lambda *_: None  # type: ignore[assignment] (the picture begins with what was found)
    if root.run(["demo", "--folder", "/tmp/draftmill-samples"]):
        raise SystemExit("the demo failed")
    write(recording, "demo.svg", "python run_pipeline.py demo")


def render_status(folder: Path) -> None:
    many_files(folder / "drawings")
    root.run(["--phase", "a,B1,B2"])
    workers = [subprocess.Popen([sys.executable, "-c", WORK_AS, name, "worker"], stderr=subprocess.DEVNULL) for name in MACHINES]
    try:
        save(look_when_half_done(), "status.svg", "python run_pipeline.py status --watch")
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait()


def many_files(folder: Path) -> None:
    """The sample files again and again, each copy with bytes of its own."""
    written = write_sample_files(folder / "0")
    for number in range(1, COPIES):
        for sample in written:
            copy = folder / str(number) / sample.path
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes((folder / "0" / sample.path).read_bytes() + b"\n%% %d" % number)


def look_when_half_done() -> RenderableType:
    database = Database.from_settings(Settings.load(ROOT / "config.txt"))
    with database.connect("render", autocommit=True) as conn:
        while True:
            time.sleep(0.5)
            found = status.read(conn, tenant_id=DEFAULT_TENANT, silent_after=timedelta(minutes=1))
            done = sum(kind.completed for kind in found.types)
            if done > found.open_jobs:
                return status_view.page(found, live=True)


def save(page: RenderableType, name: str, title: str) -> None:
    recording = recorder()
    recording.print(page)
    write(recording, name, title)


def recorder() -> Console:
    return Console(record=True, width=WIDTH, force_terminal=True, color_system="truecolor", highlight=False, file=io.StringIO())


def write(recording: Console, name: str, title: str) -> None:
    """The recording as SVG, with the reader's own monospace font: no picture of ours loads anything from outside."""
    svg = re.sub(r"\s*@font-face\s*\{.*?\}", "", recording.export_svg(title=title), flags=re.DOTALL)
    (HERE / name).write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
