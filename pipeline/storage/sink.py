"""Where outputs go: a folder or a bucket, written whole or not at all.

    sink = open_sink(settings.output_url, settings)
    sink.put("7c0f…/12.1.jsonl", data)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from pipeline.config import Settings, redact_url
from pipeline.errors import ConfigError
from pipeline.storage.folder_sink import FolderSink
from pipeline.storage.open import file_url_path
from pipeline.storage.sink_entry import SinkEntry

# One letter before the colon is a Windows drive.
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(?=/)")

__all__ = ["Sink", "SinkEntry", "open_sink"]


class Sink(Protocol):
    """A store that we write. Keys are '/'-separated, relative to its URL.

    Errors: Gone where a file that is read is not there, TransientError where another try may help, PermanentError ('bad_key')
    where none will, ConfigError for wrong keys or a wrong bucket, UnavailableError where the whole store is out of reach or full.
    """

    url: str  # without credentials

    def put(self, key: str, data: bytes) -> None:
        """The file with these bytes, instead of any before it; a reader sees the old or the new one, never a part."""

    def get(self, key: str) -> bytes:
        """All its bytes."""

    def open(self, key: str) -> BinaryIO:
        """A stream of its bytes; the caller closes it."""

    def exists(self, key: str) -> bool:
        """True where the file is there now."""

    def list(self, prefix: str = "", *, leftovers: bool = False) -> Iterator[SinkEntry]:
        """Every whole file whose key begins with `prefix`, in the order of the keys' bytes.

        leftovers  also what writers have not finished, whether they still write or were killed; marked as such, in no order
        """

    def delete(self, keys: Iterable[str]) -> None:
        """Remove these files; one that is not there is no error."""

    def discard(self, leftovers: Iterable[SinkEntry]) -> None:
        """Remove what killed writers left."""


def open_sink(url: str, settings: Settings) -> Sink:
    """The store behind OUTPUT_URL: a folder (made where it is missing), file:///path or s3://bucket/prefix; '' is DATA_DIR/outputs.

    Raises ConfigError, naming the mend, where there is no such store.
    """
    if not url.strip():
        return FolderSink(settings.data_dir / "outputs")
    if "\x00" in url:
        raise ConfigError("OUTPUT_URL has a NUL character in it; mend it in config.txt")
    match = _SCHEME.match(url)
    scheme = match[1].lower() if match else ""
    if scheme == "":
        return FolderSink(Path(url))
    if scheme == "file":
        return FolderSink(file_url_path(url))
    if scheme == "s3":
        from pipeline.storage.s3_sink import S3Sink  # only then is boto3 loaded, half a second

        return S3Sink.from_settings(url, settings)
    raise ConfigError(f'{redact_url(url)}: "{scheme}" is no kind of output store; '
                      "name a folder, file:///path or s3://bucket/prefix as OUTPUT_URL")
