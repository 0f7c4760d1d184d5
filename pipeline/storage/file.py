"""A folder of files as a source: local disks, mounted shares, Windows drives."""

from __future__ import annotations

import errno
import os
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import ConfigError, DraftmillError, PermanentError, TransientError, UnavailableError
from pipeline.storage.base import Entry, Gone, Listing
from pipeline.storage.keys import encode_name, key_parts

# Folders full of links to each other (package stores) would be walked once for every way through them.
MOST_VISITS = 32
READ_BUFFER = 1 << 20

Identity = tuple[int, int] | str  # (device, inode), or the real path where the file system has no inodes


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder on the way down: its path, the start of its keys, and the folders above it."""

    path: str
    prefix: str
    chain: tuple[Identity, ...]


@dataclass(frozen=True, slots=True)
class _Child:
    """One name of a folder; `order` sorts keys as their bytes sort."""

    order: str
    entry: os.DirEntry[str]
    is_folder: bool


class FileSource:
    """The files below a folder. Links are followed, loops are not; nothing is ever written there.

    Raises ConfigError where the folder is missing or unreadable, or is the one to leave out.
    """

    def __init__(self, root: Path, *, exclude: Path | None = None) -> None:
        self._root = long_path(str(_real_folder(root)))
        self._exclude = _identity(str(exclude)) if exclude is not None and exclude.is_dir() else None
        if self._exclude is not None and self._exclude == _identity(self._root):
            raise ConfigError(f"the source {root} is DATA_DIR itself; name another folder for one of them")
        self.url = "/".join(encode_name(part) for part in str(_real_folder(root)).split("/"))

    def list(self, listing: Listing) -> Iterator[Entry]:
        """Every regular file, in the order of its key's bytes. Memory: the names of the folders on the way down."""
        self._check_present()
        visits: Counter[Identity] = Counter()
        pending = [self._walk(_Folder(self._root, "", (_identity(self._root),)), listing, visits)]
        while pending:
            item = next(pending[-1], None)
            if item is None:
                pending.pop()
            elif isinstance(item, Entry):
                yield item
            else:
                pending.append(self._walk(item, listing, visits))
        self._check_present()

    def stat(self, key: str) -> Entry:
        try:
            found = self._path(key).stat()
        except OSError as exc:
            raise self._judged(exc) from exc
        if not stat.S_ISREG(found.st_mode):
            raise Gone("it is no file any more")
        return _entry(key, found)

    def open(self, key: str) -> BinaryIO:
        try:
            stream = open(self._path(key), "rb", buffering=READ_BUFFER, opener=_open_without_waiting)  # noqa: SIM115 (the caller closes it)
        except OSError as exc:
            raise self._judged(exc) from exc
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            stream.close()
            raise Gone("it is no file any more")
        return stream

    def _path(self, key: str) -> Path:
        return Path(self._root, *key_parts(key))

    def _walk(self, folder: _Folder, listing: Listing, visits: Counter[Identity]) -> Iterator[Entry | _Folder]:
        """The files of one folder and the folders to walk next, in order."""
        for child in self._children(folder, listing):
            key = folder.prefix + encode_name(child.entry.name)
            if child.is_folder:
                below = self._enter(folder, child.entry, key, listing, visits)
                if below is not None:
                    yield below
                continue
            entry = _file_entry(key, child.entry, listing)
            if entry is not None:
                yield entry

    def _children(self, folder: _Folder, listing: Listing) -> Sequence[_Child]:
        children = []
        try:
            with os.scandir(folder.path) as entries:
                for entry in entries:
                    is_folder = _is_folder(entry)
                    children.append(_Child(encode_name(entry.name) + ("/" if is_folder else ""), entry, is_folder))
        except OSError as exc:
            self._check_present()
            listing.fault(f'the folder "{folder.prefix}" cannot be listed: {exc.strerror}')
        return sorted(children, key=lambda child: child.order)

    def _enter(self, folder: _Folder, entry: os.DirEntry[str], key: str, listing: Listing,
               visits: Counter[Identity]) -> _Folder | None:
        try:
            identity = _identity(entry.path)
        except OSError as exc:
            self._check_present()
            listing.fault(f'the folder "{key}" cannot be entered: {exc.strerror}')
            return None
        if identity == self._exclude:
            return None
        if identity in folder.chain:
            listing.other["link_loop"] += 1
            return None
        if entry.is_symlink():
            visits[identity] += 1
            if visits[identity] > MOST_VISITS:
                listing.other["link_repeated"] += 1
                return None
        return _Folder(entry.path, key + "/", (*folder.chain, identity))

    def _check_present(self) -> None:
        """Raise UnavailableError where the source itself has gone away."""
        try:
            with os.scandir(self._root):
                pass
        except OSError as exc:
            raise UnavailableError(f"the source folder {self.url} went away ({exc.strerror}); mount it again and "
                                   "start the same command") from exc

    def _check_mounted(self) -> None:
        """Raise UnavailableError where a file is missing because its whole share is: the folder it was mounted on is empty."""
        self._check_present()
        with os.scandir(self._root) as entries:
            if next(entries, None) is None:
                raise UnavailableError(f"the source folder {self.url} is empty now; mount it again and start the same command, or, "
                                       "where the files are really gone, run A2 with --allow-deletes")

    def _judged(self, exc: OSError) -> DraftmillError:
        """What a failed look at one file means; says nothing of its name."""
        if exc.errno in {errno.ENOENT, errno.ENOTDIR, errno.EISDIR}:
            self._check_mounted()
            return Gone("the file is no longer there")
        # The last three: the file is there, but no try will ever open it by this name.
        if exc.errno in {errno.EACCES, errno.EPERM, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL}:
            return PermanentError(exc.strerror or "it cannot be opened", reason="unreadable")
        return TransientError(exc.strerror or type(exc).__name__)


def long_path(path: str) -> str:
    """The path in the form that lifts Windows' limit of 260 characters; elsewhere the path itself."""
    if os.name != "nt" or path.startswith("\\\\?\\"):
        return path
    return "\\\\?\\UNC\\" + path[2:] if path.startswith("\\\\") else "\\\\?\\" + path


def _real_folder(root: Path) -> Path:
    """The folder with links resolved. Raises ConfigError naming it and the mend."""
    hint = "check --source, or SOURCE_URL in config.txt"
    try:
        resolved = root.expanduser().resolve(strict=True)
        if not resolved.is_dir():
            raise ConfigError(f"the source {_shown(root)} is a file; name the folder that holds it")
        with os.scandir(resolved):
            return resolved
    except FileNotFoundError:
        raise ConfigError(f"the source folder {_shown(root)} does not exist; {hint}") from None
    except (OSError, RuntimeError, ValueError) as exc:  # RuntimeError: a link loop, or no home; ValueError: a NUL
        fault = exc.strerror if isinstance(exc, OSError) else str(exc)
        raise ConfigError(f"the source folder {_shown(root)} cannot be read ({fault}); mend its permissions, or {hint}") from exc


def _shown(path: Path) -> str:
    return str(path).encode("utf-8", "backslashreplace").decode("utf-8")


def _identity(path: str) -> Identity:
    """What a folder is, whichever way led to it."""
    found = Path(path).stat()
    # Some network file systems have no inode numbers.
    return (found.st_dev, found.st_ino) if found.st_ino else os.path.realpath(path)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False  # judged when it is looked at as a file


def _file_entry(key: str, entry: os.DirEntry[str], listing: Listing) -> Entry | None:
    """The file, or None for what is none, counted in the listing."""
    try:
        found = entry.stat()
    except FileNotFoundError:
        # Gone since the folder was listed, or a link that leads nowhere.
        listing.other["broken_link" if entry.is_symlink() else "vanished"] += 1
        return None
    except OSError as exc:
        if exc.errno == errno.ELOOP:
            listing.other["link_loop"] += 1
        else:
            listing.fault(f'"{key}" cannot be looked at: {exc.strerror}')
        return None
    if not stat.S_ISREG(found.st_mode):
        listing.other["special"] += 1
        return None
    return _entry(key, found)


def _entry(key: str, found: os.stat_result) -> Entry:
    return Entry(key, found.st_size, f"{found.st_size}-{found.st_mtime_ns}", _moment(found.st_mtime))


def _moment(seconds: float) -> datetime | None:
    """The time, or None where it is none that a database holds."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _open_without_waiting(path: str, flags: int) -> int:
    # A pipe that took the file's place since it was listed would make a plain open() wait for ever.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
