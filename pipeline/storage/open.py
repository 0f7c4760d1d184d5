"""From SOURCE_URL to a source."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote_to_bytes

from pipeline.config import redact_url
from pipeline.errors import ConfigError
from pipeline.storage.base import Source
from pipeline.storage.file import FileSource

# One letter before the colon is a Windows drive.
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(?=//)|([Ff][Ii][Ll][Ee]):(?=/)")
_OBJECT_STORES = frozenset({"s3", "b2", "gs", "az", "r2"})


def open_source(url: str, *, exclude: Path | None = None) -> Source:
    """The source behind a folder's path or a file:// URL.

    exclude  a folder to leave out where it lies inside the source: DATA_DIR

    Raises ConfigError, naming the mend, where there is no such source or this release cannot read it.
    """
    if not url.strip():
        raise ConfigError("nothing to read: name a folder with --source or SOURCE_URL in config.txt")
    if "\x00" in url:
        raise ConfigError("the source has a NUL character in its name; check --source, or SOURCE_URL in config.txt")
    match = _SCHEME.match(url)
    if match is None:
        return FileSource(Path(url), exclude=exclude)
    scheme = (match[1] or match[2]).lower()
    if scheme == "file":
        return FileSource(file_url_path(url), exclude=exclude)
    if scheme in _OBJECT_STORES:
        raise ConfigError(f"{redact_url(url)}: this release reads folders and file:// only; "
                          "mount the bucket, or copy it to a folder")
    raise ConfigError(f'{redact_url(url)}: "{scheme}" is no kind of source; name a folder or file:///path')


def file_url_path(url: str) -> Path:
    """The path that a file: URL names. Raises ConfigError for another machine's files where paths cannot name it."""
    rest = url[len("file:"):]
    host, path = "", rest
    if rest.startswith("//"):
        host, slash, path = rest[2:].partition("/")
        path = slash + path
    path = os.fsdecode(unquote_to_bytes(path))
    if host.lower() not in {"", "localhost"}:
        if os.name != "nt":
            raise ConfigError(f"{redact_url(url)} names another machine; mount its folder here and name that, "
                              "as in file:///mnt/drawings")
        return Path(f"//{host}{path}")
    if re.match(r"/[A-Za-z]:", path) and os.name == "nt":
        path = path[1:]
    if not path:
        raise ConfigError(f"{redact_url(url)} names no folder; write file:///path")
    return Path(path)
