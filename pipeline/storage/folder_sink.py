"""A folder as an output store: local disks, mounted shares, Windows drives.

A file is written under a temporary name beside its own, brought to the disk, and renamed. Whatever kills the writer leaves
the old file, the new one, or neither beside a temporary name that the sweep knows.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import ConfigError, DraftmillError, PermanentError, TransientError, UnavailableError
from pipeline.storage.base import Gone
from pipeline.storage.file import long_path
from pipeline.storage.keys import decode_name, encode_name, key_parts
from pipeline.storage.sink_entry import SinkEntry

_TEMPORARY = re.compile(r"\.(?P<name>.+)\.[0-9a-f]{16}\.part")
# The sweep may remove a folder that has become empty between our making it and writing into it.
_TRIES, _TRY_PAUSE_S = 20, 0.01
# Virus scanners and indexers of Windows hold a new file open for a moment, which makes a rename fail.
_RENAME_TRIES, _RENAME_PAUSE_S = 10, 0.05
# No try for another file will pass either, until a person mends it.
_HOPELESS = frozenset({errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EPERM, getattr(errno, "EDQUOT", errno.ENOSPC)})


class FolderSink:
    """The files below a folder, which is made where it is missing.

    Raises ConfigError where there is something else in its place, or it cannot be made or written.
    """

    def __init__(self, root: Path) -> None:
        self._root = Path(long_path(str(_made(root))))
        self.url = "/".join(encode_name(part) for part in str(_made(root)).split("/"))

    def put(self, key: str, data: bytes) -> None:
        folder, name = self._place(key)
        temporary = folder / f".{name}.{secrets.token_hex(8)}.part"
        try:
            made = self._write(folder, temporary, data)
            _replace(temporary, folder / name)
            for changed in (folder, *(path.parent for path in made)):
                _sync_folder(changed)
        except OSError as exc:
            raise self._judged(exc) from exc
        finally:
            with contextlib.suppress(OSError):  # a leftover that cannot be removed now is the sweep's
                temporary.unlink(missing_ok=True)

    def get(self, key: str) -> bytes:
        with self.open(key) as stream:
            return stream.read()

    def open(self, key: str) -> BinaryIO:
        folder, name = self._place(key)
        try:
            return open(folder / name, "rb")
        except OSError as exc:
            raise self._judged(exc) from exc

    def exists(self, key: str) -> bool:
        folder, name = self._place(key)
        try:
            return stat.S_ISREG((folder / name).stat().st_mode)
        except OSError as exc:
            judged = self._judged(exc)
            if isinstance(judged, Gone):
                return False
            raise judged from exc

    def list(self, prefix: str = "", *, leftovers: bool = False) -> Iterator[SinkEntry]:
        """Memory: the names of the folders on the way down."""
        above, _, start = prefix.rpartition("/")
        try:
            self._check_present()
            top = Path(self._root, *key_parts(above)) if above else self._root
            yield from self._walk(top, above + "/" if above else "", start, leftovers)
            self._check_present()
        except OSError as exc:
            raise self._judged(exc) from exc

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            folder, name = self._place(key)
            self._remove(folder / name)

    def discard(self, leftovers: Iterable[SinkEntry]) -> None:
        for entry in leftovers:
            self._remove(self._place(entry.key)[0] / Path(entry.leftover).name)

    def _place(self, key: str) -> tuple[Path, str]:
        parts = key_parts(key)
        if _TEMPORARY.fullmatch(parts[-1]):
            raise PermanentError("the key has the form of our temporary names", reason="bad_key")
        return Path(self._root, *parts[:-1]), parts[-1]

    def _write(self, folder: Path, temporary: Path, data: bytes) -> Sequence[Path]:
        """The folders made for it."""
        made = set[Path]()
        for attempt in range(_TRIES):
            time.sleep(attempt * _TRY_PAUSE_S)
            made.update(self._make(folder))
            with contextlib.suppress(FileNotFoundError), open(temporary, "xb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
                return tuple(made)
        raise TransientError("the folder of an output goes away while it is written")

    def _make(self, folder: Path) -> Sequence[Path]:
        """Make the folder and those above it, but never the root: a share that is not mounted must not be written beside."""
        missing = []
        while folder != self._root and not folder.is_dir():
            missing.append(folder)
            folder = folder.parent
        for path in reversed(missing):
            with contextlib.suppress(FileExistsError):
                path.mkdir()
        return missing

    def _walk(self, folder: Path, prefix: str, start: str, leftovers: bool) -> Iterator[SinkEntry]:
        for part in _children(folder):
            if part.endswith("/"):
                if part.startswith(start):
                    yield from self._walk(folder / decode_name(part[:-1]), prefix + part, "", leftovers)
                continue
            name = decode_name(part)
            temporary = _TEMPORARY.fullmatch(name)
            own = encode_name(temporary["name"]) if temporary else part
            if own.startswith(start) and (leftovers or not temporary):
                yield from _entry(prefix + own, folder / name, temporary is not None)

    def _remove(self, path: Path) -> None:
        try:
            path.unlink(missing_ok=True)
        except NotADirectoryError:
            return
        except OSError as exc:
            raise self._judged(exc) from exc
        with contextlib.suppress(OSError):  # not empty, most of the time
            while path.parent != self._root:
                path = path.parent
                path.rmdir()

    def _check_present(self) -> None:
        """Raise UnavailableError where the store itself has gone, for its files seem to be gone too."""
        if not self._root.is_dir():
            raise UnavailableError(f"the output folder {self.url} went away; mount it again and start the same command")

    def _judged(self, exc: OSError) -> DraftmillError:
        """What a failed look or write means; says nothing of the file's name."""
        try:
            self._check_present()
        except UnavailableError as gone:
            return gone
        if exc.errno in {errno.ENOENT, errno.ENOTDIR, errno.EISDIR}:
            return Gone("the output is not there")
        if exc.errno in _HOPELESS:
            return UnavailableError(f"the output folder {self.url} cannot be used ({exc.strerror}); free space or mend its "
                                    "permissions, and start the same command")
        return TransientError(exc.strerror or type(exc).__name__)


def _made(root: Path) -> Path:
    hint = "check OUTPUT_URL in config.txt"
    try:
        root = root.expanduser()
        root.mkdir(parents=True, exist_ok=True)
        resolved = root.resolve(strict=True)
        if not os.access(resolved, os.R_OK | os.W_OK | os.X_OK):
            raise ConfigError(f"the output folder {_shown(root)} cannot be written; mend its permissions, or {hint}")
        return resolved
    except FileExistsError:
        raise ConfigError(f"the output folder {_shown(root)} is a file; {hint}") from None
    except (OSError, RuntimeError, ValueError) as exc:  # RuntimeError: a link loop, or no home
        fault = exc.strerror if isinstance(exc, OSError) else str(exc)
        raise ConfigError(f"the output folder {_shown(root)} cannot be made ({fault}); {hint}") from exc


def _shown(path: Path) -> str:
    return str(path).encode("utf-8", "backslashreplace").decode("utf-8")


def _children(folder: Path) -> list[str]:
    """Files, and folders with a '/' behind them, as parts of keys in the order of their bytes; none where the folder has gone.

    Names alone: a store has a folder for each document.
    """
    parts: list[str] = []
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        parts.extend(encode_name(entry.name) + "/" * entry.is_dir(follow_symlinks=False) for entry in entries)
    parts.sort()
    return parts


def _entry(key: str, path: Path, temporary: bool) -> Iterator[SinkEntry]:
    with contextlib.suppress(FileNotFoundError):  # gone since its folder was listed
        found = path.stat()
        if stat.S_ISREG(found.st_mode):
            yield SinkEntry(key, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC), path.name if temporary else "")


def _replace(temporary: Path, path: Path) -> None:
    for left in range(_RENAME_TRIES - 1, -1, -1):
        try:
            os.replace(temporary, path)
            return
        except PermissionError:
            if os.name != "nt" or not left:
                raise
            time.sleep(_RENAME_PAUSE_S)


def _sync_folder(folder: Path) -> None:
    """Bring the names in the folder to the disk; Windows does so by itself and opens no folders."""
    if os.name == "nt":
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:  # a sweep removed the file and its folder already
        return
    try:
        os.fsync(descriptor)
    except OSError as exc:
        if exc.errno not in {errno.EINVAL, errno.ENOTSUP}:  # some network file systems have no such call
            raise
    finally:
        os.close(descriptor)
