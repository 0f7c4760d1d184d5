"""Pictures of sheets, drawn in a child process: what a damaged file does to it harms nobody, and time and memory are bounded."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from multiprocessing import Pipe
from pathlib import Path
from uuid import UUID

from pipeline.database import Connection
from pipeline.errors import DraftmillError
from pipeline.extract.picture import Picture
from pipeline.storage import Gone, Source
from pipeline.worker.child import Answer, Task
from pipeline.worker.children import ChildPool
from pipeline.worker.fetch import BLOBS, Blob, fetch

SECONDS = 20.0  # for one picture
MEMORY_MB = 768
MOST_FILE_MB = 100
IMPORTS = {"pdf": ("pymupdf", "pipeline.extract.picture"), "dxf": ("pymupdf", "ezdxf", "ezdxf.recover", "pipeline.extract.picture")}


class Painter:
    """Draws one sheet after the other. Use `painter`, which ends its child."""

    def __init__(self, source: Source, folder: Path, pool: ChildPool) -> None:
        self._source, self._folder, self._pool = source, folder, pool
        self._wake, self._ring = Pipe(duplex=False)

    def paint(self, blob: Blob, kind: str, page_number: int, handles: Sequence[str]) -> Picture | str:
        """The picture, or why there is none."""
        path = self._folder / "sheet"
        try:
            fetched = fetch(self._source, blob, path, max_mb=MOST_FILE_MB)
        except Gone:
            return "the file is no longer at its place"
        except (DraftmillError, OSError) as error:
            return f"the file cannot be read now ({type(error).__name__})"
        try:
            if fetched.changed:
                return "the file has changed since it was read"
            return self._drawn(path, kind, page_number, handles)
        finally:
            path.unlink(missing_ok=True)

    def _drawn(self, path: Path, kind: str, page_number: int, handles: Sequence[str]) -> Picture | str:
        # A picture is plain enough to travel: `rows` copies it.
        task = Task(1, "pipeline.extract.picture:draw_picture", "dataclasses:replace", str(path), MEMORY_MB, IMPORTS[kind],
                    (kind, page_number, tuple(handles)))
        self._pool.submit(task, timeout_s=SECONDS)
        answers: list[Answer] = []
        while not answers:
            answers, orphans = self._pool.collect(1.0, self._wake)
            if orphans:  # its child was replaced before it began
                self._pool.submit(task, timeout_s=SECONDS)
        answer = answers[0]
        if isinstance(answer.result, Picture):
            return answer.result
        return f"it cannot be drawn ({answer.reason})"

    def close(self) -> None:
        self._wake.close()
        self._ring.close()


@contextlib.contextmanager
def painter(source: Source, spool_dir: Path) -> Iterator[Painter]:
    """A painter with a child process and a folder of its own."""
    spool_dir.mkdir(parents=True, exist_ok=True)
    pool = ChildPool(1)
    with tempfile.TemporaryDirectory(prefix="pictures-", dir=spool_dir) as folder:
        one = Painter(source, Path(folder), pool)
        try:
            yield one
        finally:
            one.close()
            pool.stop()


def known_blobs(conn: Connection, blob_ids: Sequence[UUID]) -> dict[UUID, Blob]:
    """What fetching needs to know of these files."""
    return {row[0]: Blob(*row) for row in conn.execute(BLOBS, (list(blob_ids),))}
